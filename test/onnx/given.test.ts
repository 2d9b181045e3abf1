import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { fixtureNamed } from '../../fixtures/index.ts';
import { findSites } from '../../src/find/index.ts';
import { isBytes, requireModel, sourceGiven } from '../../src/onnx/given.ts';
import { type Model, readModel, writeModel } from '../../src/onnx/model.ts';
import { thrown } from '../support/errors.ts';

const said = (run: () => unknown): string => {
  const error = thrown(run);
  expect(error.code).to.equal('invalid-arguments');
  return error.describe();
};
const bytes = writeModel(fixtureNamed('rank-4').build());

describe('onnx/given', () => {
  it('says how to make bytes of a path, a buffer, a file, a promise and a model', () => {
    const give = (given: unknown) => said(() => readModel(given as Uint8Array));
    expect(give('model.onnx')).to.match(/text was given\. If it is a path, .* await readFile\(path\)\.$/);
    expect(give(bytes.slice().buffer)).to.match(/an ArrayBuffer was given\. Give new Uint8Array\(buffer\)\.$/);
    expect(give(new Blob([]))).to.match(/a Blob was given\. Give new Uint8Array\(await file\.arrayBuffer\(\)\)\.$/);
    expect(give(Promise.resolve(bytes))).to.match(/a promise was given\. Put await before it\.$/);
    expect(give(readModel(bytes))).to.match(/a model was given\. Give the bytes of a file, or writeModel\(model\)\.$/);
    expect(give(undefined)).to.match(/undefined was given\. Give a Uint8Array\.$/);
    expect(give({})).to.match(/an Object was given/);
    expect(give(7)).to.match(/a number was given/);
  });

  it('takes bytes of another realm, which instanceof does not know', () => {
    const other = runInNewContext('Uint8Array.from(given)', { given: [...bytes] }) as Uint8Array;
    expect(other instanceof Uint8Array).to.equal(false);
    expect(isBytes(other)).to.equal(true);
    expect(writeModel(readModel(other))).to.deep.equal(bytes);
  });

  it('takes a file that is read on demand', () => {
    const source = { size: bytes.length, read: (start: number, end: number) => bytes.subarray(start, end) };
    expect(sourceGiven(source)).to.equal(source);
  });

  it('tells a model from its bytes, and from nothing', () => {
    const give = (given: unknown) => said(() => requireModel(given, 'gradientOf'));
    expect(give(bytes)).to.equal(
      'gradientOf needs a model, and the bytes of a file were given. Read them first: readModel(bytes).',
    );
    expect(give(undefined)).to.match(/undefined was given\. Make one of the bytes of a file: readModel\(bytes\)\.$/);
    expect(() => requireModel(readModel(bytes), 'gradientOf')).to.not.throw();
    expect(said(() => findSites(bytes as unknown as Model))).to.match(/^findSites needs a model/);
    expect(said(() => writeModel({} as Model))).to.match(/^writeModel needs a model/);
  });
});
