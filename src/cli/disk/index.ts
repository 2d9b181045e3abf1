/** The one folder that touches the disk: random access to files, and outputs that appear whole or not at all. */
export { ExternalFolder } from './external.ts';
export { makeFolder, removeEmptyFolders } from './folders.ts';
export { writeGateReport } from './gate-report.ts';
export { DiskHome } from './home.ts';
export { identityOf, isFolder, listFiles } from './paths.ts';
export { DISK } from './reader.ts';
export { FileSource, readWhole } from './source.ts';
export { discardAll, Staging } from './staging.ts';
export { receiveModel, STAGED_FOR_STDOUT, sendModel } from './standard.ts';
export { checkTarget } from './target.ts';
export { checkTextTarget, writeText } from './text.ts';
