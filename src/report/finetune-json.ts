/** What was trained → its place in the JSON document, without pixels. */
import type { FinetuneFacts } from '../jobs/finetune.ts';
import type { Answer } from '../train/types.ts';

/** The facts of a training run as JSON has them; parameters are added by the document. */
export function finetuneJson(facts: FinetuneFacts) {
  const examples = facts.examples.map(({ name, why, size, right, before, after }) => ({
    name,
    why,
    size,
    right: answerJson(right),
    before: answerJson(before),
    after: answerJson(after),
  }));
  return { ...facts, examples };
}

/** A map is told by the share of each class. */
function answerJson(answer: Answer | null) {
  if (answer === null) return null;
  if (answer.kind === 'boxes') {
    const boxes = answer.boxes.map(({ label, name = null, score = null, box }) => ({ label, name, score, box }));
    return { kind: answer.kind, boxes };
  }
  if (answer.kind === 'class') return { kind: answer.kind, label: answer.label, chance: answer.chance ?? null };
  if (answer.kind === 'values') return answer;
  const counts = new Map<number, number>();
  for (const label of answer.labels) if (label >= 0) counts.set(label, (counts.get(label) ?? 0) + 1);
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return {
    kind: answer.kind,
    shares: [...counts].sort(([a], [b]) => a - b).map(([label, count]) => ({ label, share: count / total })),
  };
}
