/**
 * What labelled data need of packages, in a module that is imported when it is wanted: the command line has it in a bundle of its own
 * (scripts/bundle.ts), and all else starts without it.
 */
import sax from 'sax';

export { type DecodedPng, decode } from 'fast-png';
export { type Document, LineCounter, type Node, parseDocument } from 'yaml';

/** Reads XML piece by piece. */
export const xmlParser = sax.parser;
