// Leads through the steps of a picture: the list below it, one step after the other.
//
// It needs nothing but the page: the steps are the list, and a step's place in the picture follows from
// its number. `TOP` and `ROW` are those of `listings/src/picture.rs`.
(function () {
  "use strict";
  const TOP = 64;
  const ROW = 40;
  const BOTTOM = 16;

  function button(text, label, action) {
    const element = document.createElement("button");
    element.type = "button";
    element.textContent = text;
    element.setAttribute("aria-label", label);
    element.addEventListener("click", action);
    return element;
  }

  function start(stepper) {
    const image = stepper.querySelector("img");
    const steps = Array.from(stepper.querySelectorAll("ol > li"));
    if (!image || steps.length === 0) return;

    const stage = document.createElement("div");
    stage.className = "stage";
    image.replaceWith(stage);
    const mark = document.createElement("div");
    mark.className = "mark";
    stage.append(image, mark);

    const height = TOP + ROW * steps.length + BOTTOM;
    const where = document.createElement("span");
    where.setAttribute("aria-live", "polite");
    // None yet: all is shown, as it is without this script.
    let now = -1;

    function show() {
      steps.forEach(function (step, number) {
        step.classList.toggle("now", number === now);
        step.classList.toggle("later", now >= 0 && number > now);
      });
      mark.hidden = now < 0;
      mark.style.top = (100 * (TOP + ROW * now)) / height + "%";
      mark.style.height = (100 * ROW) / height + "%";
      back.disabled = now < 0;
      next.disabled = now === steps.length - 1;
      where.textContent =
        now < 0 ? steps.length + " steps" : "step " + (now + 1) + " of " + steps.length;
    }

    function go(by) {
      now = Math.min(Math.max(now + by, -1), steps.length - 1);
      show();
    }

    const back = button("◀ back", "previous step", function () { go(-1); });
    const next = button("next ▶", "next step", function () { go(1); });
    const controls = document.createElement("div");
    controls.className = "controls";
    controls.append(back, next, where);
    // Outside of the paragraph, which scrolls where the picture is wider than the page.
    (stage.closest("p") || stage).after(controls);
    stepper.addEventListener("keydown", function (event) {
      if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
      event.preventDefault();
      // mdBook turns pages with these keys.
      event.stopPropagation();
      go(event.key === "ArrowLeft" ? -1 : 1);
    });
    show();
  }

  document.querySelectorAll(".stepper").forEach(start);
})();
