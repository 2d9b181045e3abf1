#!/usr/bin/env bash
# Calibrates a model on several machines with Slurm: an array of tasks, each of which gathers the statistics of one shard of
# the inputs, and a job that waits for all of them and rewrites the model.
#
#   bash slurm-array.sh submit                   both, in a folder that all machines share
#   sbatch --array=3 slurm-array.sh shard        shard 3 again, if that task failed
#   sbatch slurm-array.sh merge                  and the last job, which did not run then
#
# MODEL, INPUTS and SHARDS in the environment say on what.
#SBATCH --job-name=gn-swap
#SBATCH --cpus-per-task=4
#SBATCH --mem=8G
#SBATCH --time=01:00:00
set -euo pipefail

model=${MODEL:-model.onnx}
inputs=${INPUTS:-photos}
# Not SLURM_ARRAY_TASK_COUNT, which is 1 where a single task is run again.
shards=${SHARDS:-4}

case "${1:-}" in
  submit)
    array=$(sbatch --parsable --array="1-$shards" "$0" shard)
    # Between clusters it is ID;CLUSTER.
    sbatch --dependency="afterok:${array%%;*}" "$0" merge
    ;;
  shard)
    mkdir -p shards
    # --memory, below --mem, makes the runs, and so the result, the same whatever else the machine has in memory.
    gn-swap moments "$model" --calibrate "$inputs" --samples 256 --memory 4GB \
      --shard "$SLURM_ARRAY_TASK_ID/$shards" --output "shards/part-$SLURM_ARRAY_TASK_ID.npz" --force
    ;;
  merge)
    gn-swap "$model" --memory 4GB --moments shards/part-*.npz
    ;;
  *)
    echo "usage: $0 submit|shard|merge" >&2
    exit 64
    ;;
esac
