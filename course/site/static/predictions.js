// Predictions (course/predictions/on_a_page.py): when a result is unfolded, the reader's own answer stands beside it.
document.addEventListener("DOMContentLoaded", () => {
  const answerTo = (form) => {
    const chosen = form?.querySelector("input:checked");
    if (chosen) return chosen.value;
    const number = form?.querySelector("input[type=number]");
    if (number?.value) return `${number.value} ${number.dataset.unit}`.trim();
    const places = [...(form?.querySelectorAll("select") ?? [])];
    if (!places.length || places.some((one) => !one.selectedIndex)) return "";
    return places.map((one, place) => `${place + 1}. ${one.value}`).join(", ");
  };
  for (const result of document.querySelectorAll("details[data-result]")) {
    const form = document.querySelector(`fieldset[data-prediction="${result.dataset.result}"]`);
    result.addEventListener("toggle", () => {
      const answer = answerTo(form);
      result.querySelector(".glass-box-own").textContent = answer ? `Your prediction: ${answer}` : "";
    });
  }
});
