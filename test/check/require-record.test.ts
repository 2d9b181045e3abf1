import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { checkModel } from '../../src/check/index.ts';
import { readModel, writeModel } from '../../src/onnx/model.ts';

const source = (() => {
  const net = new Net();
  return net.output(net.bn(net.conv(net.input('x', ['N', 3, 8, 8]), 3, 16), 16)).model();
})();

describe('checkModel with requireRecord', () => {
  it('fails a file that was never swapped, which passes without it', async () => {
    const written = readModel(writeModel(source));
    const { passed, checks } = await checkModel({ written, requireRecord: true, run: false });
    expect(passed).to.equal(false);
    const finding = checks.flatMap(({ findings }) => findings).find(({ severity }) => severity === 'error');
    expect(finding?.rule).to.equal('no-record');
    expect((await checkModel({ written, run: false })).passed).to.equal(true);
  });
});
