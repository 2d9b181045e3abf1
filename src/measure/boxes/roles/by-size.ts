/** One output with as many rows as the grids over the picture have cells, where no operator tells what its columns are. */
import { isFloat } from '../../../onnx/data-type.ts';
import { pictureSize } from '../../picture-size.ts';
import type { Context, Output } from '../../tasks/types.ts';
import { fitsGrid } from '../grid.ts';
import type { Columns } from '../table.ts';
import type { RoleFinder, Roles } from './types.ts';

const BOX = 4;

export const bySize: RoleFinder = (outputs, context, asked) => {
  for (const output of outputs) {
    const isTable = output.dims.length === 3 && isFloat(output.type);
    const roles = isTable ? tableRoles(output, context, asked) : undefined;
    if (roles !== undefined) return { ...roles, beside: outputs.filter((it) => it !== output).map(({ name }) => name) };
  }
  return undefined;
};

function tableRoles({ name, dims }: Output, { first, evidence }: Context, asked: boolean): Roles | undefined {
  const size = pictureSize(first.inputs);
  const [, a = 0, b = 0] = dims;
  const isRows = (rows: number, width: number) =>
    width > BOX && rows > width && (asked || (size !== undefined && fitsGrid(rows, size.height, size.width)));
  const isPlain = isRows(a, b);
  if (!isPlain && !isRows(b, a)) return undefined;
  // What one Sigmoid made are scores alone, unless the caller says that boxes are among them.
  if (!asked && evidence.made(name, isPlain ? 2 : 1) === 'sigmoid') return undefined;
  const width = isPlain ? b : a;
  const columns = (from: number, to: number): Columns => ({ output: name, layout: isPlain ? 'nrc' : 'ncr', from, to });
  const objectness = evidence.classes !== undefined && width - BOX === evidence.classes + 1;
  return {
    boxes: [columns(0, BOX)],
    scores: [columns(BOX, width)],
    objectness,
    rows: 'anchors',
    beside: [],
    why: `${name} has a row of ${width} numbers for each anchor`,
  };
}
