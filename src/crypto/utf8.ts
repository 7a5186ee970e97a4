const encoder = /* @__PURE__ */ new TextEncoder()

/** Text as UTF-8. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text)
}
