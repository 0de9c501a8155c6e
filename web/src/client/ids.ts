// Random identifiers. crypto.randomUUID exists only in secure contexts, and the pages must at least
// load on plain HTTP to say what is wrong there.

/** 128 random bits as 32 hexadecimal digits. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
