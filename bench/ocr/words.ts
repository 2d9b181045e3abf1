import type { Random } from './random.ts';

const WORDS = `
about above account address after again agent airport always amount animal answer apple april
around august autumn balance basic before bench better beyond black board bottle bread bridge
bright brown building butter button camera cannot capital carbon career castle center chance
change chapter cheese church circle client closed coffee colour common company copper corner
cotton county course cream credit customer daily danger december delivery design detail dinner
direct doctor double dragon early eastern editor eight energy engine english enough entrance
evening example express factory family famous farmer figure final finger flight flower follow
forest forward fresh friday friend future garden general ginger glass global golden grand green
group guide handle harbour health heavy history hotel house hundred image industry inside island
jacket january journal juice july junior jungle kitchen knife label ladder large launch leather
lemon letter level library light limited linen little local london lower lucky machine magazine
main manager market master matter medium member menu metal middle minute mirror modern monday
money month morning mother motor mountain museum music nature network never night normal north
number object ocean office only open orange order other outside oxygen packet page paper parking
party pepper people phone photo picture planet plastic please pocket point police port postal
power price print private product public purple quality quarter quick quiet radio railway ready
receipt record return river road room round royal safety sales salmon saturday school science
season second section secret senior series service seven shadow short silver simple single sister
small smooth social south special spirit spring square station still storage street strong studio
sugar summer sunday supply system table tailor ticket tiger timber today token total tower trade
traffic travel tuesday union update upper valid value video village violet visit warning watch
water weather wednesday welcome western white window winter wonder wooden world yellow young zero`
  .trim()
  .split(/\s+/);

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const CODE_CHARACTERS = [...'ABCDEFGHJKLMNPQRSTUVWXYZ0123456789'];

/**
 * Words and numbers as they stand on signs, packets and receipts, one space between two.
 * @param length how many characters at most; only a first word that is longer is cut
 */
export function randomText(random: Random, length: number): string {
  let text = randomToken(random).slice(0, length);
  for (;;) {
    const longer = `${text} ${randomToken(random)}`;
    if (longer.length > length) return text;
    text = longer;
  }
}

function randomToken(random: Random): string {
  const kind = random.next();
  if (kind < 0.7) return randomWord(random);
  if (kind < 0.8) return String(random.integer(10, 99999));
  if (kind < 0.87) return `${random.integer(1, 999)}.${random.integer(10, 99)}`;
  if (kind < 0.94) return `${random.integer(1, 31)} ${random.choice(MONTHS)}`;
  return Array.from({ length: random.integer(4, 7) }, () => random.choice(CODE_CHARACTERS)).join('');
}

function randomWord(random: Random): string {
  const word = random.choice(WORDS);
  const spelling = random.next();
  if (spelling < 0.45) return word;
  if (spelling < 0.75) return word.charAt(0).toUpperCase() + word.slice(1);
  return word.toUpperCase();
}
