/** What draws charts. It is large, so it is loaded when a page has charts, and ships as a file of its own. */
export * as plot from '@observablehq/plot';
export { parseHTML } from 'linkedom';
