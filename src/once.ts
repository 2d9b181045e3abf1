/** Makes a value when it is first asked for, and never again; what a promise is rejected with is kept, too. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
