/** How ONNX Runtime's kernels sum, which bounds of errors need to know. Apart from what loads it, so that plans and the help load nothing. */

/** Natively, two vector registers of four numbers: what Eigen does without a processor's wider ones. */
let chains = 8;

/** In how many chains the kernels of the runtime sum at least. */
export function sumChains(): number {
  return chains;
}

/** Notes that the runtime is WebAssembly: it sums number by number, as Eigen, which its kernels are written with, has no vectors of it. */
export function sumInOneChain(): void {
  chains = 1;
}
