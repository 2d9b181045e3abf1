import { expect } from 'chai';
import fc from 'fast-check';
import { FIXTURES, fixtureNamed } from '../../fixtures/index.ts';
import { GnSwapError } from '../../src/errors.ts';
import { constantInts, constantOf } from '../../src/graph/constants.ts';
import { applyEdit } from '../../src/graph/edit.ts';
import { inferTypes } from '../../src/graph/infer.ts';
import { inlineFunctions } from '../../src/graph/inline.ts';
import { countUses, type Scope, scopesOf } from '../../src/graph/scope.ts';
import { MemorySource } from '../../src/onnx/bytes.ts';
import { externalLocations } from '../../src/onnx/external-data.ts';
import {
  inFile,
  type Model,
  normalDomain,
  opsetOf,
  opsetVersion,
  readModel,
  sourceOf,
  withGraph,
  writeModel,
} from '../../src/onnx/model.ts';
import { namesOf } from '../../src/onnx/names.ts';
import { create } from '../../src/onnx/schema.ts';
import { valuesOf } from '../../src/onnx/tensor.ts';
import { RecordingSource } from './support/sources.ts';
import { delimited, integer, join, joinAll, model } from './support/wire.ts';

/** The error of reading bytes as a model. */
function refusal(bytes: Uint8Array): GnSwapError {
  try {
    readModel(bytes);
  } catch (error) {
    if (error instanceof GnSwapError) return error;
    throw error;
  }
  throw new Error('it was read');
}

const opset = (domain: string, version?: number) => create('OperatorSetIdProto', { domain, version });

/** Everything that looks at a model without running it; errors but GnSwapError get out. */
function lookThrough(given: Model): void {
  const attempt = (step: () => void) => {
    try {
      step();
    } catch (error) {
      if (!(error instanceof GnSwapError)) throw error;
    }
  };
  attempt(() => externalLocations(given.proto));
  attempt(() => inlineFunctions(given, ({ opType }) => opType === 'BatchNormalization'));
  namesOf(given.proto.graph);
  countUses(scopesOf(given));
  const scopes = scopesOf(given);
  attempt(() => inferTypes(given, scopes));
  for (const scope of scopes) {
    for (const tensor of scope.graph.initializer) attempt(() => valuesOf(tensor));
    for (const { input } of scope.graph.node) {
      for (const name of input) {
        attempt(() => constantOf(scope, name, given.home.open));
        attempt(() => constantInts(scope, name, given.home.open));
      }
    }
  }
}

describe('onnx/model', () => {
  it('reads a model from bytes and from a source, and writes the same bytes', () => {
    const bytes = model(delimited(2, 'g'));
    for (const source of [bytes, Buffer.from(bytes), new MemorySource(bytes), new RecordingSource(bytes)]) {
      const read = readModel(source);
      expect(read.proto).to.include({ irVersion: 8 });
      expect(read.proto.graph.name).to.equal('g');
      expect(writeModel(read)).to.deep.equal(bytes);
    }
  });

  describe('what is no model is refused, and says why', () => {
    const cases: readonly (readonly [string, Uint8Array, RegExp])[] = [
      ['nothing', new Uint8Array(0), /the file is empty/],
      ['a model without a graph', integer(1, 8), /no graph/],
      ['a model without a version', delimited(7, ''), /no IR version/],
      ['a model without operator sets', join(integer(1, 8), delimited(7, '')), /no operator set/],
      ['a picture', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a), /not an ONNX/],
      ['text', new TextEncoder().encode('<!DOCTYPE html><html></html>'), /not an ONNX/],
      ['an archive', new TextEncoder().encode('PK\u0003\u0004'), /not an ONNX/],
      ['zeros', new Uint8Array(100), /not an ONNX/],
    ];
    for (const [what, bytes, message] of cases) {
      it(what, () => {
        const error = refusal(bytes);
        expect(error.code).to.equal('invalid-model');
        expect(error.message).to.match(message);
        expect(error.remedy).to.be.a('string');
      });
    }
  });

  it('tells the version of an operator set; the standard domain has two names', () => {
    const proto = create('ModelProto', { opsetImport: [opset('', 17), opset('com.microsoft', 1), opset('none')] });
    expect(opsetVersion(proto)).to.equal(17);
    expect(opsetVersion(proto, 'ai.onnx')).to.equal(17);
    expect(opsetVersion(proto, 'com.microsoft')).to.equal(1);
    expect(opsetVersion(proto, 'none')).to.equal(0);
    expect(opsetVersion(proto, 'other')).to.equal(undefined);
    const made = fixtureNamed('opset-17').build();
    expect(opsetOf(made)).to.equal(17);
    expect(opsetOf({ ...made, proto: { ...made.proto, opsetImport: [opset('other', 3)] } })).to.equal(0);
    expect(opsetVersion(create('ModelProto', { opsetImport: [opset('ai.onnx', 9)] }))).to.equal(9);
    expect(normalDomain('ai.onnx')).to.equal('');
    expect(normalDomain('ai.onnx.ml')).to.equal('ai.onnx.ml');
  });

  it('the bytes of a model are its file’s, or what it would be written as', () => {
    const made = fixtureNamed('rank-4').build();
    const written = writeModel(made);
    const source = sourceOf(made);
    expect(source.read(0, source.size)).to.deep.equal(written);
    const file = new MemorySource(Uint8Array.of(1, 2, 3));
    expect(sourceOf(inFile(made, file))).to.equal(file);
  });

  it('withGraph changes the graph and no more', () => {
    const read = readModel(model(delimited(2, 'g'), delimited(2000, 'new')));
    const changed = withGraph(read, { ...read.proto.graph, name: 'h' }, { producerName: 'p' });
    expect(changed.proto.graph.name).to.equal('h');
    expect(changed.proto.producerName).to.equal('p');
    expect(changed.home).to.equal(read.home);
    const again = readModel(writeModel(changed));
    expect(again.proto.unknownFields).to.deep.equal([delimited(2000, 'new')]);
    expect(read.proto.graph.name).to.equal('g');
  });

  it('100,000 nodes in a chain are read, looked through, changed, written and read again', () => {
    const count = 100_000;
    const nodes = Array.from({ length: count }, (_, i) =>
      delimited(1, join(delimited(1, `v${i}`), delimited(2, `v${i + 1}`), delimited(3, `n${i}`), delimited(4, 'Relu'))),
    );
    const type = delimited(2, delimited(1, join(integer(1, 1), delimited(2, delimited(1, integer(1, 3))))));
    const bytes = model(
      joinAll([...nodes, delimited(11, join(delimited(1, 'v0'), type)), delimited(12, delimited(1, `v${count}`))]),
    );
    for (const source of [bytes, new RecordingSource(bytes)]) {
      const read = readModel(source);
      const scopes = scopesOf(read);
      expect(inferTypes(read, scopes)(scopes[0] as Scope, `v${count}`).shape).to.deep.equal([3]);
      expect(countUses(scopesOf(read)).size).to.equal(count + 1);
      // Every second node changes, so that none lies beside an unchanged one.
      const replace = new Map(
        read.proto.graph.node.filter((_, i) => i % 2 === 0).map((it) => [it, [{ ...it, opType: 'Abs' }]]),
      );
      const none = { prepend: new Map(), addInitializers: new Map(), redefined: new Set<string>() };
      const graph = applyEdit(read.proto.graph, { ...none, replace, listAsInput: () => false });
      const again = readModel(writeModel(withGraph(read, graph)));
      expect(again.proto.graph.node.map(({ opType }) => opType).join('')).to.equal('AbsRelu'.repeat(count / 2));
    }
  });

  it('a changed model that still reads can be looked through: values, types, constants, calls', () => {
    const models = FIXTURES.map((fixture) => writeModel(fixture.build()));
    const change = fc.record({ at: fc.noBias(fc.nat()), byte: fc.nat({ max: 255 }) });
    let looked = 0;
    fc.assert(
      fc.property(
        fc.nat({ max: models.length - 1 }),
        fc.array(change, { minLength: 1, maxLength: 3 }),
        (at, changes) => {
          const bytes = (models[at] as Uint8Array).slice();
          for (const { at: where, byte } of changes) bytes[where % bytes.length] = byte;
          let read: Model;
          try {
            read = readModel(bytes);
          } catch (error) {
            expect(error).to.be.instanceOf(GnSwapError);
            return;
          }
          lookThrough(read);
          looked++;
        },
      ),
      { seed: 1, numRuns: 2500 },
    );
    // Most single bytes are weights and names: else this would test nothing.
    expect(looked).to.be.above(1000);
  });
});

describe('memoryHome', () => {
  it('gives the very bytes that a model was read from, and writes what was made of it', async () => {
    const bytes = writeModel(fixtureNamed('rank-4').build());
    const model = readModel(bytes);
    const { home } = model;
    expect((await home.load(model)).file).to.deep.equal(bytes);
    const made = withGraph(model, { ...model.proto.graph, name: 'other' });
    const loaded = await home.load({ ...model, proto: made.proto });
    expect(loaded.file).to.deep.equal(writeModel(made)).and.not.to.deep.equal(bytes);
    await loaded.release();
  });
});
