import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { build } from 'esbuild';

describe('the bundle of the help', () => {
  it('holds what options are and nothing that reads a model, so that it starts as fast as Node', async () => {
    const entry = fileURLToPath(new URL('../../src/cli/ask.ts', import.meta.url));
    const { metafile } = await build({
      entryPoints: [entry],
      bundle: true,
      platform: 'node',
      write: false,
      metafile: true,
    });
    const [output] = Object.values(metafile.outputs);
    // What a type-only module or an unused one adds is nothing.
    const held = Object.entries(output?.inputs ?? {}).flatMap(([file, it]) => (it.bytesInOutput > 0 ? [file] : []));
    expect(held.filter((file) => /options\/norm\.ts$/.test(file))).to.have.length(1);
    expect(held.filter((file) => /onnx\/(decode|tensor)\.ts$|graph\/view\.ts$|onnxruntime/.test(file))).to.deep.equal(
      [],
    );
  });
});
