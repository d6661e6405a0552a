/**
 * Where the document of a terminal stands. In a page of ours somebody has just asked for a shell; anywhere else, as behind a
 * link that somebody sent, nothing is opened that was not asked for.
 */
export function isInOurPage(here: Window = window): boolean {
  if (here.parent === here) return false;
  try {
    return here.parent.location.origin === here.location.origin;
  } catch {
    return false;
  }
}
