// Explorers drawn beforehand (utils/frames.py): the controls choose which <template> is the picture.
document.addEventListener("DOMContentLoaded", () => {
  for (const explorer of document.querySelectorAll(".glass-box-frames")) {
    const controls = [...explorer.querySelectorAll("input, select, .glass-box-controls > p")];
    const picture = explorer.querySelector(".glass-box-picture");
    const at = (control) =>
      control.matches("input") ? Number(control.value) : control.matches("select") ? control.selectedIndex : 0;
    explorer.addEventListener("input", (event) => {
      const slider = event.target;
      if (slider.matches("input")) {
        const words = JSON.parse(slider.dataset.words)[at(slider)];
        slider.setAttribute("aria-valuetext", words);
        slider.nextElementSibling.textContent = words;
      }
      const place = controls.map(at).join(",");
      const frame = explorer.querySelector(`template[data-at="${place}"]`).content.cloneNode(true);
      frame.querySelectorAll("img").forEach((image) => (image.loading = "eager"));
      picture.replaceChildren(frame);
    });
  }
});
