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

/** Quotes a word for a shell, where it needs quotes. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The command that converts a model to an opset; `MODEL.onnx` stands for its file. */
export function convertCommand(opset: number | string): string {
  return `python -c "import onnx, onnx.version_converter as v; onnx.save(v.convert_version(onnx.load('MODEL.onnx'), ${opset}), 'MODEL.${opset}.onnx')"`;
}
