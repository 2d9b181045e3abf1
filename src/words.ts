/** Small pieces of sentences. */

/** `1 site`, `3 sites`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** `579 kB`, `4.7 MB`: decimal units, two or three digits. */
export function sizeText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const value = bytes / 1000 ** power;
  return `${power > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} ${units[power]}`;
}

/** What no terminal shows as it is: control characters, and those that turn the direction of writing. */
export const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Quotes a word for a shell, where it needs quotes: `'a b'`. What is not seen is spelled out, as bash and zsh read it: `$'a\nb'`. */
export function quoted(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  if (word.search(UNSEEN) < 0) return `'${word.replaceAll("'", `'\\''`)}'`;
  return `$'${word.replace(/[\\']/g, '\\$&').replace(UNSEEN, escaped)}'`;
}

const SHORT: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

function escaped(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16);
  return SHORT.get(character) ?? (code.length <= 4 ? `\\u${code.padStart(4, '0')}` : `\\U${code.padStart(8, '0')}`);
}

/** A command to paste: what was typed, and options, which stand before the files behind `--`. */
export function commandText(typed: readonly string[], options: readonly string[] = []): string {
  const end = typed.indexOf('--');
  const words = end < 0 ? [...typed, ...options] : [...typed.slice(0, end), ...options, ...typed.slice(end)];
  return ['gn-swap', ...words].map(quoted).join(' ');
}

/** The command that converts a model to an opset; `MODEL.onnx` stands for its file. */
export function convertCommand(opset: number | string): string {
  return `python -c "import onnx, onnx.version_converter as v; onnx.save(v.convert_version(onnx.load('MODEL.onnx'), ${opset}), 'MODEL.${opset}.onnx')"`;
}
