/** Replacing nodes in a graph, with what that adds and what it leaves without a use. */
import { mapSubgraphs } from '../onnx/attributes.ts';
import { NodeRun, withNodeList } from '../onnx/node-run.ts';
import type { GraphProto, NodeProto, TensorProto, ValueInfoProto } from '../onnx/schema.ts';
import { makeValueInfo } from '../onnx/value-type.ts';
import { orphansOf, type UsesView } from './orphans.ts';
import type { Patch } from './patch.ts';

/**
 * Applies an edit to the main graph of a model. Initializers, nodes and inputs that only the replaced nodes used are
 * removed, and what only those used, and so on; what was unused before stays. Without a change, the very same graph.
 *
 * @param view of the model that the graph is of, if it is at hand; made anew otherwise
 */
export function applyEdit(graph: GraphProto, edit: Patch, view?: UsesView): GraphProto {
  const { names, nodes } = orphansOf(graph, edit, view);
  const rebuild = (it: GraphProto): GraphProto => {
    const added = edit.addInitializers.get(it) ?? [];
    const gone = names.get(it);
    const stays = ({ name }: { name: string }) => gone?.has(name) !== true;
    const list: (NodeProto | NodeRun)[] = [...(edit.prepend.get(it) ?? [])];
    let hasRuns = false;
    for (const before of it.node) {
      const replacement = edit.replace.get(before);
      if (replacement instanceof NodeRun) {
        hasRuns = true;
        list.push(replacement);
      } else if (replacement !== undefined) for (const after of replacement) list.push(after);
      else if (!nodes.has(before)) list.push(mapSubgraphs(before, rebuild));
    }
    const initializer = [...it.initializer.filter(stays), ...added];
    const sparseInitializer = it.sparseInitializer.filter(({ values }) => stays({ name: values?.name ?? '' }));
    const valueInfo = [...it.valueInfo.filter(stays), ...(edit.addValueInfo?.get(it) ?? [])];
    // The inputs of a subgraph are its operator's: they stay as they are.
    const input = it === graph ? inputsAfter(it, added, stays, edit) : it.input;
    const lists = { initializer, sparseInitializer, valueInfo, input };
    if (hasRuns) return withNodeList({ ...it, ...lists }, list);
    const after = { ...it, ...lists, node: list as NodeProto[] };
    return isSame(after, it) ? it : after;
  };
  return rebuild(graph);
}

/** An input is the caller's; only one that an initializer backs is a parameter, and goes with it. */
function inputsAfter(
  graph: GraphProto,
  added: readonly TensorProto[],
  stays: (named: { name: string }) => boolean,
  edit: Patch,
): ValueInfoProto[] {
  let initialized: Set<string> | undefined;
  const isParameter = (it: { name: string }) => {
    if (stays(it)) return false;
    initialized ??= new Set(graph.initializer.map(({ name }) => name));
    return initialized.has(it.name);
  };
  const relisted = new Set(graph.input.filter(isParameter).map(({ name }) => name));
  const listed = added.filter((tensor) => edit.listAsInput(tensor) || relisted.has(tensor.name));
  return [...graph.input.filter((it) => !isParameter(it)), ...listed.map(inputFor)];
}

function isSame(one: GraphProto, other: GraphProto): boolean {
  return (['node', 'initializer', 'sparseInitializer', 'valueInfo', 'input'] as const).every((list) => {
    const [some, others]: [readonly unknown[], readonly unknown[]] = [one[list], other[list]];
    return some.length === others.length && some.every((it, index) => it === others[index]);
  });
}

/** The input that lists an initializer. */
function inputFor({ name, dataType, dims }: TensorProto): ValueInfoProto {
  return makeValueInfo(name, dataType, dims.map(Number));
}
