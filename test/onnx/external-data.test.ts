import { expect } from 'chai';
import { fixtureNamed } from '../../fixtures/index.ts';
import { GnSwapError } from '../../src/errors.ts';
import { externalDataOf, externalLocations } from '../../src/onnx/external-data.ts';
import {
  type AttributeProto,
  create,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type SparseTensorProto,
  type TensorProto,
} from '../../src/onnx/schema.ts';

const entry = (key: string, value: string) => create('StringStringEntryProto', { key, value });

function stored(location: string, ...more: ReturnType<typeof entry>[]): TensorProto {
  const externalData = [entry('location', location), ...more];
  return create('TensorProto', { name: 'w', dataLocation: 1, externalData });
}

/** The error of checking a tensor's entries. */
function refusal(tensor: TensorProto): GnSwapError {
  try {
    externalDataOf(tensor);
  } catch (error) {
    if (error instanceof GnSwapError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

const nodeWith = (attribute: Partial<AttributeProto>): NodeProto =>
  create('NodeProto', { opType: 'X', attribute: [create('AttributeProto', attribute)] });
const graphOf = (graph: Partial<GraphProto>): GraphProto => create('GraphProto', graph);
const modelOf = (graph: Partial<GraphProto>, more: Partial<ModelProto> = {}): ModelProto =>
  create('ModelProto', { graph: graphOf(graph), ...more });
const sparse = (values: string, indices: string): SparseTensorProto =>
  create('SparseTensorProto', { values: stored(values), indices: stored(indices) });

describe('onnx/external-data', () => {
  it('reads location, offset and length; offset is 0 where absent', () => {
    expect(externalDataOf(stored('a/b.bin', entry('offset', '4096'), entry('length', '16')))).to.deep.equal({
      location: 'a/b.bin',
      offset: 4096,
      length: 16,
    });
    expect(externalDataOf(stored('b.bin'))).to.deep.equal({ location: 'b.bin', offset: 0, length: undefined });
    expect(externalDataOf(stored('b.bin', entry('checksum', 'whatever'))).offset).to.equal(0);
  });

  describe('locations that leave the folder of the model are refused', () => {
    const cases: readonly (readonly [string, RegExp])[] = [
      ['/etc/passwd', /absolute/],
      ['\\\\server\\share\\w.bin', /absolute/],
      ['\\w.bin', /absolute/],
      ['C:\\w.bin', /absolute/],
      ['c:w.bin', /absolute/],
      ['Z:/w.bin', /absolute/],
      ['a:b', /absolute/],
      ['..', /leaves/],
      ['../w.bin', /leaves/],
      ['..\\w.bin', /leaves/],
      ['a/../../w.bin', /leaves/],
      ['a\\..\\w.bin', /leaves/],
      ['a/..', /leaves/],
      ['w.bin\0.png', /zero byte/],
      ['', /is empty/],
    ];
    for (const [location, reason] of cases) {
      it(JSON.stringify(location), () => {
        const error = refusal(stored(location));
        expect(error.code).to.equal('invalid-data');
        expect(error.message).to.match(reason).and.to.contain('"w"');
        expect(error.remedy).to.be.a('string');
        const model = modelOf({ initializer: [stored(location)] });
        expect(() => externalLocations(model)).to.throw(GnSwapError);
      });
    }

    it('a tensor without a location', () => {
      expect(refusal(create('TensorProto', { name: 'w', dataLocation: 1 })).code).to.equal('invalid-data');
    });
  });

  it('names with dots, spaces, colons and letters of any language are taken', () => {
    for (const location of ['a..b', '...', 'w.bin', 'a b/c', 'größe.bin', 'layer:0.bin', './w.bin']) {
      expect(externalDataOf(stored(location)).location).to.equal(location);
    }
  });

  it('offsets and lengths that are no whole numbers of bytes are refused', () => {
    for (const key of ['offset', 'length']) {
      for (const text of [
        '',
        ' ',
        '-1',
        '1.5',
        '1e3',
        '0x10',
        ' 8',
        '8 ',
        '+8',
        'NaN',
        'Infinity',
        '9007199254740992',
        '٣',
      ]) {
        const error = refusal(stored('w.bin', entry(key, text)));
        expect(error.code, `${key} ${text}`).to.equal('invalid-model');
        expect(error.message).to.contain(JSON.stringify(text));
      }
      expect(externalDataOf(stored('w.bin', entry(key, '9007199254740991')))).to.have.property(key, 2 ** 53 - 1);
      expect(externalDataOf(stored('w.bin', entry(key, '007')))).to.have.property(key, 7);
    }
  });

  describe('externalLocations', () => {
    it('finds each file once, wherever in a model a tensor may stand', () => {
      const inner = graphOf({
        initializer: [stored('if/initializer')],
        node: [nodeWith({ name: 'body', g: graphOf({ initializer: [stored('if/if')] }) })],
      });
      const model = modelOf(
        {
          initializer: [stored('initializer'), stored('initializer')],
          sparseInitializer: [sparse('values', 'indices')],
          node: [
            nodeWith({ t: stored('attribute') }),
            nodeWith({ tensors: [stored('list0'), stored('list1')] }),
            nodeWith({ sparseTensor: sparse('sv', 'si') }),
            nodeWith({ sparseTensors: [sparse('svs', 'sis')] }),
            nodeWith({ g: inner }),
            nodeWith({ graphs: [graphOf({ initializer: [stored('graphs0')] })] }),
          ],
        },
        {
          functions: [
            create('FunctionProto', {
              node: [
                nodeWith({ t: stored('function') }),
                nodeWith({ g: graphOf({ initializer: [stored('function/if')] }) }),
              ],
              attributeProto: [create('AttributeProto', { t: stored('function default') })],
            }),
          ],
          trainingInfo: [
            create('TrainingInfoProto', {
              initialization: graphOf({ initializer: [stored('initialization')] }),
              algorithm: graphOf({ node: [nodeWith({ t: stored('algorithm') })] }),
            }),
          ],
        },
      );
      const expected = (
        'initializer values indices attribute list0 list1 sv si svs sis if/initializer if/if graphs0 function ' +
        'function/if initialization algorithm'
      ).split(' ');
      expect(externalLocations(model)).to.have.members([...expected, 'function default']);
    });

    it('does not look at tensors whose data is in the model, whatever entries they have', () => {
      const inside = { ...stored('../w.bin'), dataLocation: 0 };
      expect(externalLocations(modelOf({ initializer: [inside, create('TensorProto', { name: 'v' })] }))).to.be.empty;
      expect(externalLocations(create('ModelProto', {}))).to.be.empty;
    });

    it('finds the files of the fixtures', () => {
      expect(externalLocations(fixtureNamed('external-two-files').build().proto)).to.deep.equal([
        'external-two-files.0.bin',
        'external-two-files.1.bin',
      ]);
    });

    it('200,000 subgraphs of one attribute are no trouble', () => {
      const graphs = new Array<GraphProto>(200_000).fill(graphOf({}));
      expect(externalLocations(modelOf({ node: [nodeWith({ graphs })] }))).to.be.empty;
    });
  });
});
