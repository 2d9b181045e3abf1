/** What consumers make of the rest of a model, apart from their facts: the help names consumers, and looks into no model. */
import type { Model } from '../onnx/model.ts';
import type { NodeProto } from '../onnx/schema.ts';
import { type Trains, trainsInOnnx2torch, type Unread, unreadByOnnx2torch } from './onnx2torch.ts';

/** How a consumer reads the nodes that a swap leaves. */
export interface Reader {
  /** Finds the first node of a model that it does not read, if nodes that a swap replaces are gone. */
  unread(model: Model, replaced: ReadonlySet<NodeProto>): Unread | undefined;
  /** Says what it trains of all other nodes. */
  trains(model: Model, replaced: ReadonlySet<NodeProto>): Trains;
}

/** By name of the consumer; absent if that is not known. */
export const READERS: Readonly<Record<string, Reader>> = {
  pytorch: { unread: unreadByOnnx2torch, trains: trainsInOnnx2torch },
};
