/** Everything that can go wrong in a way the user can act on. The command line maps each code to an exit status. */
export type ErrorCode =
  | 'invalid-arguments'
  | 'invalid-model'
  | 'unsupported-model'
  | 'nothing-to-swap'
  | 'refused'
  | 'verification-failed'
  | 'invalid-data'
  | 'unreadable'
  | 'unwritable'
  | 'output-exists'
  | 'runtime-missing'
  | 'runtime-failed'
  | 'internal';

/** How to change the command line so that it works. */
export interface NextStep {
  /** Options to set, without their dashes; an empty text for options that take no value. */
  readonly set?: Readonly<Record<string, string>>;
  /** Options to drop, without their dashes. */
  readonly drop?: readonly string[];
  /** Words to replace by others, such as a mistyped command; by an empty text to leave them out. */
  readonly replace?: Readonly<Record<string, string>>;
  /** Paths to replace by others, also as values of options. */
  readonly paths?: Readonly<Record<string, string>>;
}

/** Where an error is, and what the user can do about it. */
export interface ErrorContext {
  /** Path or label of the file concerned. */
  file?: string;
  /** Name of the node, tensor or option concerned. */
  node?: string;
  /** One sentence, in the imperative. */
  remedy?: string;
  /** The same for the command line, which prints it as a command. */
  next?: NextStep;
  cause?: unknown;
}

/**
 * The one class of error that gn-swap throws on purpose.
 *
 * `message` says what is wrong; `file`, `node` and `remedy` say where and what to do. {@link describe} joins them in
 * the one or two lines that the command line prints.
 */
export class GnSwapError extends Error {
  override readonly name = 'GnSwapError';
  readonly code: ErrorCode;
  readonly file: string | undefined;
  readonly node: string | undefined;
  readonly remedy: string | undefined;
  readonly next: NextStep | undefined;

  constructor(code: ErrorCode, message: string, context: ErrorContext = {}) {
    super(message, context.cause === undefined ? undefined : { cause: context.cause });
    this.code = code;
    this.file = context.file;
    this.node = context.node;
    this.remedy = context.remedy;
    this.next = context.next;
  }

  /** The same error, now knowing the file it belongs to; errors that already know theirs are unchanged. */
  in(file: string): GnSwapError {
    if (this.file !== undefined) return this;
    const { code, message, node, remedy, next, cause } = this;
    return new GnSwapError(code, message, {
      file,
      ...(node === undefined ? {} : { node }),
      ...(remedy === undefined ? {} : { remedy }),
      ...(next === undefined ? {} : { next }),
      cause: cause ?? this,
    });
  }

  /** `file: node: message. Remedy.` */
  describe(): string {
    const place = [this.file, this.node].filter((part) => part !== undefined && part !== '');
    const sentence = `${[...place, this.message].join(': ').replace(/\.$/, '')}.`;
    return this.remedy === undefined
      ? sentence
      : `${sentence} ${/[.?]$/.test(this.remedy) ? this.remedy : `${this.remedy}.`}`;
  }
}
