/** The variable that names the directory in which places are armed. */
export const failpointVariable = 'QINGFEN_FAILPOINTS';

/** That directory; undefined in a process in which nothing can be armed. */
export const failpointDirectory = process.env[failpointVariable];
