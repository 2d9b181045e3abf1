/** What the rest of the code knows of the format: the types of its messages, and how to make one. */
export { create } from './messages.ts';
export type {
  AttributeProto,
  Field,
  FunctionProto,
  GraphProto,
  Int64,
  Message,
  MessageName,
  ModelProto,
  NodeProto,
  SparseTensorProto,
  TensorProto,
  TypeProto,
  ValueInfoProto,
} from './table.ts';
export { SCHEMA } from './table.ts';
