/** What an option is, and the commands that options share. */

/** Headings in the help, in its order. */
export const GROUPS = ['Norm', 'Calibration', 'Training', 'Output', 'Verification', 'Reporting'] as const;

export type OptionGroup = (typeof GROUPS)[number];

export type CommandName = 'swap' | 'check' | 'inspect' | 'compare' | 'moments' | 'gradient' | 'finetune' | 'consumers';

/** What an option is to one command, where that differs from the others. */
export interface OptionChange {
  readonly describe: string;
  readonly choices?: readonly string[];
  /** `null` if there is no default for this command. */
  readonly default?: string | number | null;
  readonly array?: boolean;
}

/** What an option takes. */
export interface OptionSpec {
  readonly type: 'string' | 'number' | 'boolean';
  readonly describe: string;
  /** Heading in the help. */
  readonly group: OptionGroup;
  readonly alias?: string;
  readonly choices?: readonly string[];
  readonly default?: string | number;
  /** What it is if it is given alone. */
  readonly alone?: number;
  /** Whether it may be given several times. */
  readonly array?: boolean;
  /** Commands that take it. */
  readonly commands: readonly CommandName[];
  /** What is different for a command. */
  readonly only?: Readonly<Partial<Record<CommandName, OptionChange>>>;
}

/** The options under one heading, by name. */
export type GroupOptions = Readonly<Record<string, Omit<OptionSpec, 'group'>>>;

export const all = ['swap', 'inspect', 'moments'] as const;
export const talking = ['swap', 'check', 'inspect', 'compare', 'moments', 'gradient', 'finetune'] as const;
export const choosing = ['swap', 'inspect', 'compare', 'moments'] as const;
export const reading = ['swap', 'inspect', 'compare', 'moments'] as const;
export const pictures = [...reading, 'finetune'] as const;
export const proving = ['swap', 'check'] as const;
export const reporting = ['swap', 'check', 'finetune', 'compare'] as const;
export const judging = ['swap', 'check', 'compare'] as const;
export const both = ['swap', 'inspect'] as const;
export const calibrating = ['swap', 'moments', 'gradient', 'finetune'] as const;
export const gradient = ['gradient'] as const;
export const finetune = ['finetune'] as const;
export const training = ['gradient', 'finetune'] as const;
/** Commands that train. */
export const learning = ['finetune', 'compare'] as const;
export const compare = ['compare'] as const;
export const swap = ['swap'] as const;

/** The names that an option may choose from. */
export const names = (list: readonly { name: string }[]) => list.map(({ name }) => name);
