// The line to the bot: a WebSocket, or polling where the network lets none through.
// It numbers what goes out, sends again what was not acknowledged, and remembers the last
// event it saw, so that nothing is lost and nothing arrives twice. The secret travels in the
// first frame or in a header and never in an address.

const KEY = "visitor";
const WAITS = [400, 1000, 2000, 4000, 8000, 15000];

function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function recall(key) {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null; // Storage is switched off: the chat then lasts as long as the page.
  }
}

export function keep(key, value) {
  try {
    if (value === null) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, value);
  } catch {
    // See above.
  }
}

export class Line {
  #secret = recall(KEY);
  #room = null;
  #last = 0;
  #outbox = new Map();
  #socket = null;
  #welcomed = false;
  #failures = 0;
  #neverOpened = 0;
  #worked = false;
  #polling = false;
  #generation = 0;
  #timer = 0;
  #heartbeat = 0;
  #leaving = false;
  #ended = false;
  #start = null;
  #language;
  #receive;
  #tell;

  // receive(event) gets every event once; tell(state) gets connecting, online, offline or full.
  // `spoken` is the language the page opened in: of those the browser asks for, that one counts.
  constructor(spoken, receive, tell) {
    this.#language = navigator.languages?.find((one) => one.split("-")[0] === spoken) ?? navigator.language;
    this.#receive = receive;
    this.#tell = tell;
    if (!/^[0-9a-f]{32}$/.test(this.#secret ?? "")) {
      this.#secret = hex(crypto.getRandomValues(new Uint8Array(16)));
      keep(KEY, this.#secret);
    }
    addEventListener("online", () => this.retry());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.#check();
    });
  }

  // A number of our own for a message, by which the server knows it when it comes again.
  static number() {
    return hex(crypto.getRandomValues(new Uint8Array(10)));
  }

  get secret() {
    return this.#secret;
  }

  get connected() {
    return this.#welcomed;
  }

  // `start` is a word from the address's fragment, such as an invitation: it stays in the browser
  // until this line carries it.
  open(start) {
    if (start) this.#start = { start, cid: Line.number() };
    this.#connect();
  }

  retry() {
    if (this.#leaving || this.#welcomed) return;
    this.#failures = 0;
    this.#connect();
  }

  send(frame) {
    const numbered = { cid: Line.number(), ...frame };
    this.#outbox.set(numbered.cid, numbered);
    this.#transmit([numbered]);
    return numbered.cid;
  }

  // Sends a frame once more, later: the server was asked too fast.
  later(cid) {
    setTimeout(() => {
      const frame = this.#outbox.get(cid);
      if (frame) this.#transmit([frame]);
    }, 2500);
  }

  done(cid) {
    this.#outbox.delete(cid);
  }

  waits(cid) {
    return this.#outbox.has(cid);
  }

  // Drops the secret: from here nobody can open this chat again. The line itself lingers for the
  // bot's last words.
  end(tellServer) {
    if (tellServer && this.#welcomed) this.#transmit([{ type: "close" }]);
    this.#leaving = true;
    keep(KEY, null);
    this.#outbox.clear();
    clearTimeout(this.#timer);
    clearTimeout(this.#silence);
    clearInterval(this.#heartbeat);
    setTimeout(() => {
      this.#ended = true;
      this.#socket?.close(1000);
    }, tellServer ? 300 : 5000);
  }

  #hello() {
    return {
      room: this.#room,
      last: this.#last,
      lang: this.#language,
      ...(this.#start ?? {}),
    };
  }

  #connect() {
    clearTimeout(this.#timer);
    this.#generation += 1;
    this.#welcomed = false;
    this.#socket?.close();
    this.#socket = null;
    if (this.#leaving) return;
    this.#tell("connecting");
    if (typeof WebSocket !== "function") this.#polling = true;
    if (this.#polling) this.#poll(this.#generation);
    else this.#dial(this.#generation);
  }

  #again(state) {
    if (this.#leaving) return;
    this.#welcomed = false;
    this.#generation += 1;
    clearInterval(this.#heartbeat);
    const wait = state === "full" ? 15000 : WAITS[Math.min(this.#failures, WAITS.length - 1)];
    this.#failures += 1;
    // A single hiccup is no news; the banner comes if it lasts.
    if (state === "full" || this.#failures > 1) this.#tell(state);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#connect(), wait * (0.75 + Math.random() / 2));
  }

  #dial(generation) {
    let opened = false;
    let full = false;
    let socket;
    const url = new URL("ws", document.baseURI);
    url.protocol = url.protocol.replace("http", "ws");
    url.hash = "";
    url.search = "";
    try {
      socket = new WebSocket(url);
    } catch {
      this.#polling = true;
      this.#connect();
      return;
    }
    this.#socket = socket;
    const slow = setTimeout(() => socket.close(), 6000);
    socket.onopen = () => {
      opened = true;
      this.#worked = true;
      clearTimeout(slow);
      socket.send(JSON.stringify({ type: "hello", secret: this.#secret, ...this.#hello() }));
    };
    socket.onmessage = (message) => {
      if (generation !== this.#generation) return;
      const event = JSON.parse(message.data);
      if (event.kind === "full") full = true;
      else this.#handle(event);
    };
    socket.onclose = () => {
      clearTimeout(slow);
      if (generation !== this.#generation) return;
      this.#socket = null;
      // A network that lets no WebSocket through; where one has worked, the server just restarts.
      if (!opened && !this.#worked && ++this.#neverOpened >= 2 && navigator.onLine) {
        this.#polling = true;
        this.#connect();
        return;
      }
      this.#again(full ? "full" : "offline");
    };
  }

  async #poll(generation) {
    while (generation === this.#generation && !this.#ended) {
      let events;
      try {
        events = await this.#ask([], this.#welcomed);
      } catch {
        if (generation !== this.#generation) return;
        this.#polling = false;
        this.#neverOpened = 0;
        this.#again("offline");
        return;
      }
      if (generation !== this.#generation) return;
      for (const event of events) {
        if (event.kind === "full") {
          this.#again("full");
          return;
        }
        this.#handle(event);
      }
      if (this.#leaving) {
        await new Promise((resolve) => setTimeout(resolve, 700));
      } else if (!this.#welcomed) {
        // The room is the one we know: no welcome was needed.
        this.#ready();
      }
    }
  }

  async #ask(frames, wait) {
    const answer = await fetch("poll", {
      method: "POST",
      headers: { Authorization: `Visitor ${this.#secret}`, "Content-Type": "application/json" },
      body: JSON.stringify({ ...this.#hello(), frames, wait }),
      credentials: "omit",
      cache: "no-store",
      signal: AbortSignal.timeout?.(40000),
    });
    if (!answer.ok) throw new Error(String(answer.status));
    return (await answer.json()).events;
  }

  #transmit(frames) {
    if (!this.#welcomed || frames.length === 0) return;
    if (this.#socket) {
      for (const frame of frames) this.#socket.send(JSON.stringify(frame));
    } else if (this.#polling) {
      this.#ask(frames, false).then(
        (events) => events.forEach((event) => this.#handle(event)),
        () => this.#again("offline"),
      );
    }
  }

  #handle(event) {
    this.#failures = 0;
    clearTimeout(this.#silence);
    if (typeof event.n === "number") {
      if (event.kind === "redraw") this.#last = event.n;
      else if (event.n <= this.#last) return;
      else this.#last = event.n;
    }
    if (event.kind === "welcome") {
      if (this.#room !== null && this.#room !== event.room) this.#last = 0;
      this.#room = event.room;
      this.#start = null;
      this.#receive(event);
      this.#ready();
      return;
    }
    if (event.kind !== "pong") this.#receive(event);
  }

  #ready() {
    this.#welcomed = true;
    this.#neverOpened = 0;
    this.#tell("online");
    this.#transmit([...this.#outbox.values()]);
    clearInterval(this.#heartbeat);
    if (this.#socket) this.#heartbeat = setInterval(() => this.#check(), 25000);
  }

  #silence = 0;

  // Asks whether the line still works; a sleeping phone often does not notice that it is dead.
  #check() {
    if (this.#leaving) return;
    if (!this.#welcomed) {
      this.retry();
    } else if (this.#socket) {
      this.#transmit([{ type: "ping" }]);
      clearTimeout(this.#silence);
      this.#silence = setTimeout(() => this.#connect(), 8000);
    }
  }
}
