// Draws messages. Everything is built from elements and text nodes: no HTML is ever parsed here.

const SAFE = /^(https:\/\/|tel:|mailto:|geo:)[^\s]+$/i;
const TAGS = new Map([["b", "strong"], ["i", "em"], ["u", "u"], ["s", "s"], ["code", "code"], ["pre", "pre"], ["blockquote", "blockquote"]]);

export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") element.className = value;
    else if (typeof value === "function") element.addEventListener(name, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export function svg(...paths) {
  const space = "http://www.w3.org/2000/svg";
  const picture = document.createElementNS(space, "svg");
  picture.setAttribute("viewBox", "0 0 24 24");
  picture.setAttribute("aria-hidden", "true");
  for (const d of paths) {
    const path = document.createElementNS(space, "path");
    path.setAttribute("d", d);
    picture.append(path);
  }
  return picture;
}

export function hidden(text) {
  return el("span", { class: "hidden" }, text);
}

function link(address, children, words) {
  if (!SAFE.test(address)) return children;
  const web = /^https:/i.test(address);
  const anchor = el("a", { href: address, ...(web ? { target: "_blank", rel: "noopener noreferrer" } : {}) });
  // Addresses and phone numbers read from left to right, also in Arabic.
  const plain = children.every((child) => child.nodeType === Node.TEXT_NODE);
  const figures = plain && /^[\s\d+()/.@:\w-]+$/.test(children.map((c) => c.data).join(""));
  anchor.append(...(figures ? [el("bdi", { dir: "ltr" }, ...children)] : children));
  if (web) anchor.append(hidden(` ${words.new_tab}`));
  return [anchor];
}

function spoiler(children, words) {
  const box = el("span", { class: "spoiler", role: "button", tabindex: "0", "aria-label": words.spoiler });
  const show = (event) => {
    if (event.type === "keydown" && event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    box.className = "spoiler shown";
    for (const name of ["role", "tabindex", "aria-label"]) box.removeAttribute(name);
  };
  box.addEventListener("click", show, { once: true });
  box.addEventListener("keydown", show);
  box.append(...children);
  return box;
}

// The nodes of a body as elements; kinds that are not known become their text.
export function draw(nodes, words, say) {
  return nodes.flatMap((node) => {
    if (typeof node === "string") return [document.createTextNode(node)];
    const children = draw(node.c ?? [], words, say);
    if (node.t === "a") return link(String(node.h ?? ""), children, words);
    if (node.t === "spoiler") return [spoiler(children, words)];
    if (node.t === "command") {
      const text = children.map((child) => child.textContent).join("");
      return [el("button", { type: "button", class: "link", dir: "ltr", click: () => say(text) }, text)];
    }
    return TAGS.has(node.t) ? [el(TAGS.get(node.t), {}, ...children)] : children;
  });
}

export function bytes(size, language) {
  const mega = size >= 1e6;
  const format = { style: "unit", unit: mega ? "megabyte" : "kilobyte", maximumFractionDigits: mega ? 1 : 0 };
  return new Intl.NumberFormat(language, format).format(Math.max(size / (mega ? 1e6 : 1e3), mega ? 0 : 1));
}

function clock(date, language) {
  const moment = new Date(date * 1000);
  const time = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" }).format(moment);
  return el("time", { datetime: moment.toISOString(), "aria-hidden": "true" }, time);
}

function photo(media, caption, page) {
  const image = el("img", { alt: page.words.photo, width: media.width, height: media.height });
  const box = el("button", { type: "button", class: "photo", click: () => page.view(image) }, image);
  box.style.aspectRatio = `${media.width} / ${media.height}`;
  if (media.url) image.src = media.url;
  else {
    page.fetchFile(media.file).then(
      (data) => {
        image.src = URL.createObjectURL(new Blob([data], { type: media.mime }));
      },
      () => box.replaceWith(el("p", { class: "notice" }, page.words.image_unavailable)),
    );
  }
  return box;
}

function paper(media, page) {
  const kind = (media.name.match(/\.([a-z0-9]{1,5})$/i)?.[1] ?? "").toUpperCase();
  const facts = [kind, bytes(media.size, page.language)].filter(Boolean).join(" · ");
  const about = el("span", { class: "about" }, el("bdi", {}, media.name), el("small", {}, facts));
  const icon = svg("M6 3h8l5 5v13H6z", "M14 3v5h5");
  if (media.local) return el("div", { class: "paper" }, icon, about);
  return el(
    "button",
    { type: "button", class: "paper", click: () => page.download(media) },
    icon,
    about,
    el("span", { class: "get" }, svg("M12 4v11M7 10.500l5 5 5-5M5 20h14"), hidden(page.words.download)),
  );
}

function place(spot, page) {
  const { latitude, longitude, title, address } = spot;
  const here = `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`;
  const map = new URL("https://www.openstreetmap.org/");
  map.search = new URLSearchParams({ mlat: latitude, mlon: longitude }).toString();
  map.hash = `map=17/${latitude}/${longitude}`;
  const anchor = el("a", { href: map.href, target: "_blank", rel: "noopener noreferrer" });
  anchor.append(page.words.open_map, hidden(` ${page.words.new_tab}`));
  const lines = title ? [el("strong", {}, el("bdi", {}, title)), el("span", {}, el("bdi", {}, address))] : [];
  if (!title) lines.push(el("bdi", { dir: "ltr" }, here));
  return el("div", { class: "place" }, svg("M12 21.500s-7-6.200-7-11.700a7 7 0 0 1 14 0c0 5.500-7 11.700-7 11.700z"), el("span", { class: "about" }, ...lines, anchor));
}

function contact({ name, phone }, page) {
  const anchor = link(`tel:${phone.replace(/[^\d+]/g, "")}`, [document.createTextNode(phone)], page.words);
  return el("div", { class: "place" }, svg("M6 3.500h4l1.500 4.500-2.300 1.700a12 12 0 0 0 5.100 5.100l1.700-2.300 4.500 1.500v4a2 2 0 0 1-2 2A16.500 16.500 0 0 1 4 5.500a2 2 0 0 1 2-2z"), el("span", { class: "about" }, el("strong", {}, el("bdi", {}, name)), ...anchor));
}

function button(one, message, page) {
  const kind = { class: "choice", dir: "auto", "data-style": one.style };
  if (one.url !== undefined) {
    if (!SAFE.test(one.url)) return el("span", kind, one.text);
    const away = { href: one.url, target: "_blank", rel: "noopener noreferrer" };
    return el("a", { ...kind, ...away }, one.text, el("span", { class: "away", "aria-hidden": "true" }, "↗"), hidden(` ${page.words.new_tab}`));
  }
  const press = el("button", { type: "button", ...kind }, one.text);
  if (one.data !== undefined) {
    press.dataset.data = one.data;
    press.addEventListener("click", () => page.press(message, one, press));
  } else if (one.copy !== undefined) press.addEventListener("click", () => page.copy(one.copy));
  else press.disabled = true;
  return press;
}

// One message as an element. `page` offers words, language, and what links and buttons do.
export function bubble(message, page) {
  const mine = message.from === "visitor";
  const box = el("div", { class: `bubble ${mine ? "mine" : "office"}`, tabindex: "-1", "data-id": message.id });
  // The visitor knows what they wrote: only answers are read out.
  if (mine) box.setAttribute("aria-live", "off");
  const inner = el("div", { class: "body" }, hidden(`${mine ? page.words.you : page.words.office} `));
  if (message.reply) inner.append(el("p", { class: "reply", dir: "auto" }, message.reply.text));
  if (message.media?.type === "photo") inner.append(photo(message.media, message.body, page));
  if (message.media?.type === "document") inner.append(paper(message.media, page));
  if (message.place) inner.append(place(message.place, page));
  if (message.contact) inner.append(contact(message.contact, page));
  if (message.body.length > 0) {
    const text = el("div", { class: "text", dir: message.dir ?? "auto", lang: message.lang });
    text.append(...draw(message.body, page.words, page.say));
    inner.append(text);
  }
  inner.append(clock(message.date, page.language));
  box.append(inner);
  if (message.buttons) {
    const rows = message.buttons.map((row) => el("div", { class: "row" }, ...row.map((one) => button(one, message, page))));
    box.append(el("div", { class: "buttons", lang: message.lang }, ...rows));
  }
  return box;
}
