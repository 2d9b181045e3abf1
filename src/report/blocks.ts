/**
 * What the sections of a report consist of. Sections say what is to be read, and know nothing of HTML or Markdown: names from a
 * model are in them as they are, and each format makes them harmless its own way.
 */
import type * as PlotModule from '@observablehq/plot';
import type { ShownExample } from '../train/examples.ts';

export type Plot = typeof PlotModule;

/** How to take a line. */
export type Tone = 'good' | 'bad' | 'warn';

/** One paragraph. */
export interface Text {
  readonly kind: 'text';
  readonly text: string;
  readonly tone?: Tone;
}

/** Labels, each with its value. */
export interface Facts {
  readonly kind: 'facts';
  readonly items: readonly (readonly [label: string, value: string])[];
}

/** A few figures to see first, side by side. */
export interface Tiles {
  readonly kind: 'tiles';
  readonly items: readonly { readonly label: string; readonly value: string; readonly tone?: Tone }[];
}

/** Lines, one below the other. */
export interface List {
  readonly kind: 'list';
  readonly items: readonly { readonly text: string; readonly tone?: Tone }[];
}

export interface Column {
  readonly label: string;
  /** Whether it is aligned, and sorted, as numbers are. */
  readonly numeric?: boolean;
}

/** A text, and the number that it is sorted by where that is another one. */
export type Cell = string | { readonly text: string; readonly sort: number };

export interface Row {
  readonly cells: readonly Cell[];
  readonly tone?: Tone;
}

/** A table. Its first column names the row, unless that column is a number: then the second does. */
export interface Table {
  readonly kind: 'table';
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** Whether it is long enough for readers to sort and filter it. */
  readonly live?: boolean;
}

/** A picture of figures, which are told in words too. */
export interface Chart {
  readonly kind: 'chart';
  readonly title: string;
  /** What it shows, with its most telling figures. */
  readonly description: string;
  /** Names of what is drawn in the first colour and in the second, where there are two. */
  readonly legend?: readonly [string, string];
  /** One of many alike, which stand side by side. */
  readonly small?: boolean;
  /** @param colour names of the two colours of series, and of what is wrong */
  options(plot: Plot, colour: Colours): PlotModule.PlotOptions;
}

export interface Colours {
  readonly first: string;
  readonly second: string;
  readonly bad: string;
}

/** Samples, with what was answered to each. */
export interface Examples {
  readonly kind: 'examples';
  readonly caption: string;
  /** Names of the labels; `null` if labels are not classes. */
  readonly classes: readonly string[] | null;
  readonly items: readonly ShownExample[];
}

/** A node of a graph that is shown. */
export interface GraphNode {
  readonly op: string;
  /** Whether it is on this side alone. */
  readonly isOwn: boolean;
  /** Positions of the nodes that it reads. */
  readonly reads: readonly number[];
}

/** One graph, its nodes in an order in which each reads earlier ones. */
export interface GraphSide {
  readonly label: string;
  readonly nodes: readonly GraphNode[];
}

/** Pieces of graphs, side by side. */
export interface GraphPicture {
  readonly kind: 'graph';
  readonly title: string;
  /** What it shows, in words. */
  readonly description: string;
  readonly sides: readonly GraphSide[];
}

export type Block = Text | Facts | Tiles | List | Table | Chart | Examples | GraphPicture;
