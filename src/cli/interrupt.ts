/** Ctrl-C for work that can end early and still leave something: the first asks it to end, the second ends the process. */

let asked: (() => void) | undefined;

/** Lets work end early. @returns what takes this back */
export function onInterrupt(end: () => void): () => void {
  asked = end;
  return () => {
    asked = undefined;
  };
}

/** Asks work to end early, once; false if none is under way that can. */
export function interrupt(): boolean {
  if (asked === undefined) return false;
  asked();
  asked = undefined;
  return true;
}
