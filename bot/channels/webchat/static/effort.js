// A small task against floods: a number whose SHA-256 with a salt begins with so many zero bits.
// Written out here because the browser's own digest is missing where a page has no certificate,
// and because a promise for each of ten thousand hashes takes longer than the hashes.

const WORDS = 64;
const AT_ONCE = 2000;
const fraction = (root) => ((root - Math.floor(root)) * 2 ** 32) | 0;

const primes = [];
for (let n = 2; primes.length < WORDS; n += 1) if (primes.every((p) => n % p)) primes.push(n);
const START = primes.slice(0, 8).map((p) => fraction(Math.sqrt(p)));
const ROUND = primes.map((p) => fraction(Math.cbrt(p)));

const turn = (x, by) => (x >>> by) | (x << (32 - by));

// The first 32 bits of the SHA-256 of a short ASCII text (at most 55 letters: one block).
export function firstWord(text) {
  const w = new Int32Array(WORDS);
  for (let at = 0; at < text.length; at += 1) w[at >> 2] |= text.charCodeAt(at) << (24 - 8 * (at & 3));
  w[text.length >> 2] |= 0x80 << (24 - 8 * (text.length & 3));
  w[15] = 8 * text.length;
  for (let t = 16; t < WORDS; t += 1) {
    const s0 = turn(w[t - 15], 7) ^ turn(w[t - 15], 18) ^ (w[t - 15] >>> 3);
    const s1 = turn(w[t - 2], 17) ^ turn(w[t - 2], 19) ^ (w[t - 2] >>> 10);
    w[t] = w[t - 16] + s0 + w[t - 7] + s1;
  }
  let [a, b, c, d, e, f, g, h] = START;
  for (let t = 0; t < WORDS; t += 1) {
    const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + ROUND[t] + w[t]) | 0;
    const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + one) | 0;
    d = c; c = b; b = a; a = (one + two) | 0;
  }
  return (START[0] + a) >>> 0;
}

// Looks for the number, with pauses in which the page stays alive.
export async function solve(salt, bits) {
  for (let nonce = 0; ; nonce += AT_ONCE) {
    for (let one = nonce; one < nonce + AT_ONCE; one += 1) {
      if (firstWord(`${salt}:${one}`) >>> (32 - bits) === 0) return one;
    }
    await new Promise((resolve) => setTimeout(resolve));
  }
}
