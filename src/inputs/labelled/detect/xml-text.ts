/** Bytes of an XML file → text, in the encoding that it has (XML 1.0, appendix F). */
import { GnSwapError } from '../../../errors.ts';
import { textOf } from '../text.ts';

/** The first line says the encoding in ASCII. */
const DECLARED = /^\s*<\?xml[^>]*?\bencoding\s*=\s*["']([^"']*)["']/;

/**
 * Decodes XML. UTF-16 shows in the first bytes. A file that only calls itself UTF-16, as .NET writes one from a string, is read as other text.
 *
 * @throws GnSwapError `invalid-data` if the encoding is not known
 */
export function xmlText(bytes: Uint8Array, path: string): string {
  if (bytes[0] === 0x3c && bytes[1] === 0) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0 && bytes[1] === 0x3c) return new TextDecoder('utf-16be').decode(bytes);
  const [, declared = 'utf-8'] = DECLARED.exec(new TextDecoder('latin1').decode(bytes.subarray(0, 256))) ?? [];
  if (/^(utf-?(8|16(le|be)?)|(iso-10646-)?ucs-?2)$/i.test(declared)) return textOf(bytes);
  return decoderOf(declared, path).decode(bytes);
}

function decoderOf(encoding: string, path: string): TextDecoder {
  try {
    return new TextDecoder(encoding);
  } catch (cause) {
    throw new GnSwapError('invalid-data', `its encoding ${JSON.stringify(encoding)} is not known`, {
      file: path,
      remedy: 'Save the file as UTF-8',
      cause,
    });
  }
}
