/** An XML file of Pascal VOC, as labelImg, CVAT, Label Studio and Roboflow write it → one picture and its boxes. */
import { GnSwapError } from '../../../errors.ts';
import { type AnnotatedBox, type AnnotatedImage, type AnnotatedLeftOut, requireArea } from './annotated.ts';
import { xmlText } from './xml-text.ts';

export interface VocFile {
  readonly image: AnnotatedImage;
  /** Without those that are marked as difficult: benchmarks leave them out. */
  readonly boxes: readonly AnnotatedBox[];
  /** What is marked as difficult. */
  readonly leftOut: readonly AnnotatedLeftOut[];
}

/** The text of elements by their path below the root, and the line that the object begins on. */
interface Entry {
  readonly line: number;
  readonly texts: ReadonlyMap<string, string>;
}

const AGAIN = 'Export the annotations again as Pascal VOC';

/**
 * Reads an annotation.
 *
 * @throws GnSwapError `invalid-data` naming the line that is not XML, or the object that has no name or no box
 */
export async function readVoc(bytes: Uint8Array, path: string): Promise<VocFile> {
  const { root, top, objects } = await entriesOf(xmlText(bytes, path), path);
  if (root !== 'annotation') throw otherXml(root, path);
  const size = (name: string) => {
    const value = Number(top.get(`size/${name}`));
    return value > 0 ? value : undefined;
  };
  const name = top.get('filename') ?? '';
  const image: AnnotatedImage = { place: path, name, width: size('width'), height: size('height') };
  const isDifficult = ({ texts }: Entry) => texts.get('difficult') === '1';
  const read = (object: Entry): AnnotatedBox => {
    const place = `${path}:${object.line}`;
    return { place, image, category: nameOf(object, place), box: boxOf(object, place) };
  };
  const boxes = objects.filter((it) => !isDifficult(it)).map(read);
  // Nothing is learnt from it, so it is passed over if it has no box.
  const leftOut = objects.filter((it) => isDifficult(it) && isWhole(it));
  return { image, boxes, leftOut: leftOut.map((it) => ({ ...read(it), isCrowd: false })) };
}

/** Walks through the file once. */
async function entriesOf(text: string, path: string) {
  const { xmlParser } = await import('../packages.ts');
  const parser = xmlParser(true);
  // The parser counts from 0.
  const line = () => parser.line + 1;
  const [top, objects]: [Map<string, string>, { line: number; texts: Map<string, string> }[]] = [new Map(), []];
  const open: string[] = [];
  let [root, written] = ['', ''];
  parser.onerror = (error) => {
    const [what = ''] = error.message.split('\n');
    throw new GnSwapError('invalid-data', `it is not XML: ${what}`, { file: `${path}:${line()}`, remedy: AGAIN });
  };
  parser.onopentag = ({ name }) => {
    if (open.length === 0) root = name;
    open.push(name);
    if (open.length === 2 && name === 'object') objects.push({ line: line(), texts: new Map() });
    written = '';
  };
  parser.ontext = (more) => {
    written += more;
  };
  parser.oncdata = (more) => {
    written += more;
  };
  parser.onclosetag = () => {
    const [, first, ...rest] = open;
    const into = first === 'object' ? objects.at(-1)?.texts : top;
    // Parts of an object have names and boxes of their own, at other paths.
    into?.set((first === 'object' ? rest : open.slice(1)).join('/'), written.trim());
    written = '';
    open.pop();
  };
  parser.write(text.replace(/^\uFEFF/, '')).close();
  return { root, top, objects: objects as readonly Entry[] };
}

const EDGES = ['xmin', 'ymin', 'xmax', 'ymax'] as const;

/** In the order of `EDGES`; NaN for one that is missing or not a number. */
function edgesOf({ texts }: Entry): [number, number, number, number] {
  const [left, top, right, bottom] = EDGES.map((edge) => Number(texts.get(`bndbox/${edge}`) || Number.NaN));
  return [left, top, right, bottom] as [number, number, number, number];
}

function isWhole(object: Entry): boolean {
  const [left, top, right, bottom] = edgesOf(object);
  const areNumbers = [left, top, right, bottom].every(Number.isFinite);
  return (object.texts.get('name') ?? '') !== '' && areNumbers && right > left && bottom > top;
}

function nameOf({ texts }: Entry, place: string): string {
  const name = texts.get('name') ?? '';
  if (name !== '') return name;
  throw new GnSwapError('invalid-data', 'the object has no name', {
    file: place,
    remedy: 'Give it one: <name>cat</name>',
  });
}

function boxOf(object: Entry, place: string): AnnotatedBox['box'] {
  const edges = edgesOf(object);
  const wrong = EDGES[edges.findIndex((it) => !Number.isFinite(it))];
  if (wrong !== undefined) {
    const written = object.texts.get(`bndbox/${wrong}`) ?? '';
    throw new GnSwapError(
      'invalid-data',
      written === '' ? `the object has no ${wrong}` : `its ${wrong} is not a number: ${JSON.stringify(written)}`,
      { file: place, remedy: 'Write a bndbox with xmin, ymin, xmax and ymax in pixels' },
    );
  }
  const [left, top, right, bottom] = edges;
  const remedy = 'Remove the object, or write xmin and ymin below xmax and ymax';
  return requireArea({ left, top, right, bottom }, place, remedy);
}

function otherXml(root: string, path: string): GnSwapError {
  const what =
    root === 'annotations' ? 'it is the XML of CVAT' : `it begins with <${root}>, and Pascal VOC with <annotation>`;
  return new GnSwapError('invalid-data', what, {
    file: path,
    remedy: 'Export the annotations as COCO, YOLO or Pascal VOC',
  });
}
