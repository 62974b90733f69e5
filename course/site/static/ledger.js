// The ledger's search: rows that hold every word, and the chosen verdict, stay; so do the headings above them.
document.addEventListener("DOMContentLoaded", () => {
  const words = document.getElementById("ledger-words");
  if (!words) return;
  const verdict = document.getElementById("ledger-verdict"), count = document.getElementById("ledger-count");
  const sections = [...document.querySelectorAll(".glass-box-ledger")].map((box) => ({
    section: box.closest("section"),
    rows: [...box.querySelectorAll("tbody tr")].map((row) => ({
      row, text: row.textContent.toLowerCase(), verdict: row.cells[3].textContent,
    })),
  }));
  const search = () => {
    const asked = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const { section, rows } of sections) {
      let here = 0;
      for (const one of rows) {
        const fits = asked.every((word) => one.text.includes(word)) && one.verdict.endsWith(verdict.value);
        one.row.hidden = !fits;
        here += fits;
      }
      section.hidden = !here;
      found += here;
    }
    count.textContent = `${found} ${found === 1 ? "claim" : "claims"}`;
  };
  for (const control of [words, verdict]) control.addEventListener("input", search);
  search();
});
