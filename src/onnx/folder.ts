/** The names below one prefix, as the builder of a site asks for them: a dozen, that nothing else in the model begins with. */

/** From so many names on, they are looked up by a table. */
const FEW = 24;

/** Hands out names `prefix/role`, each once. */
export class Folder {
  readonly #prefix: string;
  /** Gives a name that is not known to be free here. */
  readonly #elsewhere: (wanted: string) => string;
  readonly #isOwn: boolean;
  #given: string[] | undefined;
  /** Where to go on counting, by what was given; only where there is much. */
  #next: Map<string, number> | undefined;

  /**
   * @param elsewhere gives any name, and adds it here by {@link note} if it belongs here
   * @param isOwn whether nothing else has a name with this prefix
   */
  constructor(prefix: string, elsewhere: (wanted: string) => string, isOwn: boolean) {
    this.#prefix = prefix;
    this.#elsewhere = elsewhere;
    this.#isOwn = isOwn;
  }

  /**
   * The name of a role, with the smallest number behind it that makes it new. Taken from then on.
   *
   * @param wanted `prefix/role`, so that who asks in two places can have one text for both
   */
  fresh(role: string, wanted: string = `${this.#prefix}/${role}`): string {
    if (!this.#isOwn || role.includes('/')) return this.#elsewhere(wanted);
    if (!this.has(role)) {
      this.note(role);
      return wanted;
    }
    let n = this.#next?.get(role) ?? 2;
    while (this.has(`${role}_${n}`)) n++;
    this.note(`${role}_${n}`);
    this.#next?.set(role, n + 1);
    return `${wanted}_${n}`;
  }

  /** Whether `prefix/base` was given. */
  has(base: string): boolean {
    return this.#next?.has(base) ?? this.#given?.includes(base) === true;
  }

  /** Takes `prefix/base`. */
  note(base: string): void {
    if (this.#next !== undefined) {
      this.#next.set(base, 2);
      return;
    }
    if (this.#given === undefined) this.#given = [base];
    else this.#given.push(base);
    if (this.#given.length >= FEW) this.#next = new Map(this.#given.map((it) => [it, 2]));
  }
}
