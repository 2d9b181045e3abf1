import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { classNames, withClassNames } from '../../src/measure/class-names.ts';
import { type Model, readModel, writeModel } from '../../src/onnx/model.ts';
import { create } from '../../src/onnx/schema.ts';

function named(value: string): Model {
  const net = new Net();
  net.output(net.relu(net.input('x', [1])), [1]);
  return net.model({ metadataProps: [create('StringStringEntryProto', { key: 'names', value })] });
}

const names = (value: string) => classNames(named(value));

describe('classNames', () => {
  it('reads numbered names as Ultralytics writes them, whatever stands in the quotes', () => {
    expect(names("{0: 'person', 1: 'bicycle'}")).to.deep.equal(['person', 'bicycle']);
    expect(names(`{0: "driver's seat", 1: 'a, 2: "b"', 2: 'c\\'d', 3: 'back\\\\slash'}`)).to.deep.equal([
      "driver's seat",
      'a, 2: "b"',
      "c'd",
      'back\\slash',
    ]);
    expect(names("{1: 'b', 0: 'a'}"), 'in another order').to.deep.equal(['a', 'b']);
  });

  it('reads a list, as YOLOv5 wrote it before 7.0, and names in JSON', () => {
    expect(names("['person', 'bicycle', \"driver's seat\"]")).to.deep.equal(['person', 'bicycle', "driver's seat"]);
    expect(names('["person", "a, b", "say \\"c\\""]')).to.deep.equal(['person', 'a, b', 'say "c"']);
    expect(names('{"0": "person", "1": "bicycle"}')).to.deep.equal(['person', 'bicycle']);
    expect(names('["h\\u00fctte"]')).to.deep.equal(['hütte']);
    expect(names("[ 'one' ]")).to.deep.equal(['one']);
  });

  it('gives none where numbers are missing, or nothing is a name', () => {
    for (const text of [
      "{0: 'a', 2: 'c'}",
      "{1: 'a'}",
      '{}',
      '[]',
      '',
      'person, bicycle',
      '[1, 2]',
      "{'a': 'b'}",
      "['a', 1, 'b']",
      '["a", 1]',
      '7',
      'null',
      '"ab"',
    ])
      expect(names(text), text).to.equal(undefined);
  });

  it('reads what it wrote, and leaves other metadata', () => {
    const given = ["it's", 'a\\b', '"q"', '', "ünï, 3: 'x'", '['];
    const model = named("{0: 'old'}");
    const more = {
      ...model.proto,
      metadataProps: [...model.proto.metadataProps, create('StringStringEntryProto', { key: 'stride', value: '32' })],
    };
    const written = readModel(writeModel(withClassNames({ ...model, proto: more }, given)));
    expect(classNames(written)).to.deep.equal(given);
    expect(written.proto.metadataProps.map(({ key }) => key)).to.have.members(['names', 'stride']);
  });
});
