/** Whether two lists have the same items in the same order, compared by `===`. Not by `every`: some lists are compared for each of 100,000 nodes. */
export function isSameList(some: ArrayLike<unknown>, others: ArrayLike<unknown>): boolean {
  if (some.length !== others.length) return false;
  for (let index = 0; index < some.length; index++) if (some[index] !== others[index]) return false;
  return true;
}
