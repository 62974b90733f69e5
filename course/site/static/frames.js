// Explorers drawn beforehand (utils/widgets/explorer_frames.py): the controls choose which <template> is the picture.
document.addEventListener("DOMContentLoaded", () => {
  for (const explorer of document.querySelectorAll(".glass-box-frames")) {
    const controls = [...explorer.querySelectorAll("input, select, .glass-box-controls > p")];
    const picture = explorer.querySelector(".glass-box-picture");
    const at = (control) =>
      control.matches("input") ? Number(control.value) : control.matches("select") ? control.selectedIndex : 0;
    let newest = 0; // a picture that arrives late does not replace a newer one
    explorer.addEventListener("input", async (event) => {
      const slider = event.target, mine = ++newest;
      if (slider.matches("input")) {
        const words = JSON.parse(slider.dataset.words)[at(slider)];
        slider.setAttribute("aria-valuetext", words);
        slider.nextElementSibling.textContent = words;
      }
      const place = controls.map(at).join(",");
      const frame = explorer.querySelector(`template[data-at="${place}"]`).content.cloneNode(true);
      const images = [...frame.querySelectorAll("img")];
      images.forEach((image) => (image.loading = "eager"));
      await Promise.allSettled(images.map((image) => image.decode())); // a broken one still says its alternative text
      if (mine === newest) picture.replaceChildren(frame);
    });
  }
});
