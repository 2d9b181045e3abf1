import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { FIXTURES } from '../../fixtures/index.ts';
import { packParts, structureOf } from '../../src/graph/fingerprint.ts';
import { structureRecordOf } from '../../src/graph/structure-record.ts';
import { makeNode } from '../../src/onnx/attributes.ts';
import { type Model, memoryHome } from '../../src/onnx/model.ts';
import { create } from '../../src/onnx/schema.ts';

/** The record as a definition: all texts, sorted, with a line break between each two. */
function defined(model: Model) {
  const parts = structureOf(model);
  const texts = parts.map(({ text }) => text).sort();
  return { digest: createHash('sha256').update(texts.join('\n')).digest('hex'), parts: packParts(parts) };
}

function modelWith(names: readonly string[], operators: readonly (readonly [opType: string, domain: string])[]): Model {
  const node = names.flatMap((name) =>
    operators.map(([opType, domain], index) => ({
      ...makeNode(opType, [name, '', ''], [`${name}${index}`, ''], 'n', { axis: index }),
      domain,
    })),
  );
  const proto = create('ModelProto', {
    irVersion: 8,
    graph: create('GraphProto', { node }),
    opsetImport: [create('OperatorSetIdProto', { version: 17 })],
  });
  return { proto: proto as Model['proto'], home: memoryHome() };
}

describe('structureRecordOf', () => {
  it('is the digest of all texts in their order, and their tags, for every fixture', () => {
    for (const fixture of FIXTURES) {
      const model = { proto: fixture.build().proto as Model['proto'], home: memoryHome() };
      expect(structureRecordOf(model), fixture.name).to.deep.equal(defined(model));
    }
  });

  it('keeps the order where names hold quotes, control characters, other alphabets and halves of pairs', () => {
    const names = [
      'a"b',
      'a\\b',
      'a\nb',
      'a\u007fb',
      'é',
      '層',
      '\u{1f600}',
      '\ud83d',
      '\ue000',
      'a!b',
      'a#b',
      'a]b',
      'a[b',
      '',
    ];
    const model = modelWith(names, [
      ['Relu', ''],
      ['Softmax', ''],
    ]);
    expect(structureRecordOf(model)).to.deep.equal(defined(model));
  });

  it('puts operators of both names of the standard domain together, and keeps apart what only reads alike', () => {
    const model = modelWith(
      ['b', 'a'],
      [
        ['Relu', 'ai.onnx'],
        ['Relu', ''],
        ['A', 'B C'],
        ['A B', 'C'],
        ['Re', ''],
        ['Relu6', ''],
      ],
    );
    expect(structureRecordOf(model)).to.deep.equal(defined(model));
  });
});
