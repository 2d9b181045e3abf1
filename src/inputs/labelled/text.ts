/** Bytes of a text file of whatever tool → text. */

/**
 * Decodes text: UTF-16 if it says so, UTF-8 if it can be, or else Windows' code page of western Europe. Spreadsheets and editors on Windows save
 * in its own code page unless they are told to write UTF-8; PowerShell writes UTF-16.
 */
export function textOf(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/** The lines of a text, whatever ends them. */
export function linesOf(bytes: Uint8Array): string[] {
  return textOf(bytes).split(/\r\n|\n|\r/);
}
