// The commonest emoji by their short names, and text nodes in which emoji, typed or named, stand out as such.

const TABLE =
  "grinning 😀|smiley 😃|smile 😄|grin 😁|laughing 😆|sweat_smile 😅|joy 😂|rolling_on_the_floor_laughing 🤣|" +
  "slightly_smiling_face 🙂|upside_down_face 🙃|wink 😉|blush 😊|innocent 😇|heart_eyes 😍|star-struck 🤩|" +
  "kissing_heart 😘|yum 😋|stuck_out_tongue 😛|hugging_face 🤗|thinking_face 🤔|zipper_mouth_face 🤐|" +
  "neutral_face 😐|expressionless 😑|smirk 😏|unamused 😒|face_with_rolling_eyes 🙄|grimacing 😬|relieved 😌|" +
  "pensive 😔|sleeping 😴|face_with_thermometer 🤒|exploding_head 🤯|partying_face 🥳|sunglasses 😎|nerd_face 🤓|" +
  "face_with_monocle 🧐|confused 😕|worried 😟|slightly_frowning_face 🙁|open_mouth 😮|astonished 😲|flushed 😳|" +
  "cry 😢|sob 😭|scream 😱|sweat 😓|weary 😩|tired_face 😫|triumph 😤|rage 😡|angry 😠|skull 💀|ghost 👻|robot_face 🤖|" +
  "wave 👋|raised_hand ✋|ok_hand 👌|crossed_fingers 🤞|point_left 👈|point_right 👉|point_up_2 👆|point_down 👇|" +
  "+1 👍|thumbsup 👍|-1 👎|thumbsdown 👎|fist 👊|clap 👏|raised_hands 🙌|open_hands 👐|handshake 🤝|pray 🙏|" +
  "writing_hand ✍️|muscle 💪|ear 👂|eyes 👀|eye 👁️|brain 🧠|speaking_head_in_silhouette 🗣️|bust_in_silhouette 👤|" +
  "busts_in_silhouette 👥|heart ❤️|orange_heart 🧡|yellow_heart 💛|green_heart 💚|blue_heart 💙|purple_heart 💜|" +
  "broken_heart 💔|100 💯|boom 💥|dizzy 💫|zzz 💤|speech_balloon 💬|thought_balloon 💭|fire 🔥|sparkles ✨|star ⭐|" +
  "star2 🌟|zap ⚡|sunny ☀️|cloud ☁️|umbrella ☔|rainbow 🌈|snowflake ❄️|ocean 🌊|seedling 🌱|evergreen_tree 🌲|" +
  "four_leaf_clover 🍀|sunflower 🌻|rose 🌹|coffee ☕|pizza 🍕|cake 🍰|birthday 🎂|beers 🍻|champagne 🍾|popcorn 🍿|" +
  "avocado 🥑|rocket 🚀|airplane ✈️|car 🚗|bike 🚲|house 🏠|office 🏢|factory 🏭|bank 🏦|earth_americas 🌎|" +
  "earth_africa 🌍|globe_with_meridians 🌐|tada 🎉|confetti_ball 🎊|gift 🎁|balloon 🎈|trophy 🏆|medal 🏅|" +
  "first_place_medal 🥇|second_place_medal 🥈|third_place_medal 🥉|sports_medal 🏅|dart 🎯|soccer ⚽|game_die 🎲|" +
  "art 🎨|mega 📣|loudspeaker 📢|bell 🔔|no_bell 🔕|musical_note 🎵|headphones 🎧|microphone 🎤|" +
  "studio_microphone 🎙️|phone ☎️|telephone_receiver 📞|iphone 📱|computer 💻|desktop_computer 🖥️|keyboard ⌨️|" +
  "bulb 💡|electric_plug 🔌|battery 🔋|mag 🔍|mag_right 🔎|lock 🔒|unlock 🔓|key 🔑|hammer 🔨|wrench 🔧|" +
  "hammer_and_wrench 🛠️|gear ⚙️|toolbox 🧰|magnet 🧲|link 🔗|paperclip 📎|pushpin 📌|round_pushpin 📍|" +
  "triangular_flag_on_post 🚩|checkered_flag 🏁|scissors ✂️|pencil 📝|memo 📝|pencil2 ✏️|" +
  "lower_left_fountain_pen 🖋️|email 📧|envelope ✉️|incoming_envelope 📨|inbox_tray 📥|outbox_tray 📤|package 📦|" +
  "mailbox 📫|newspaper 📰|page_facing_up 📄|page_with_curl 📃|bookmark_tabs 📑|bookmark 🔖|label 🏷️|clipboard 📋|" +
  "calendar 📆|date 📅|spiral_calendar_pad 🗓️|card_index 📇|card_index_dividers 🗂️|file_folder 📁|" +
  "open_file_folder 📂|books 📚|book 📖|open_book 📖|notebook 📓|ledger 📒|scroll 📜|chart_with_upwards_trend 📈|" +
  "chart_with_downwards_trend 📉|bar_chart 📊|moneybag 💰|dollar 💵|money_with_wings 💸|credit_card 💳|gem 💎|" +
  "scales ⚖️|shopping_trolley 🛒|hourglass ⌛|hourglass_flowing_sand ⏳|watch ⌚|alarm_clock ⏰|stopwatch ⏱️|" +
  "timer_clock ⏲️|clock1 🕐|clock9 🕘|white_check_mark ✅|heavy_check_mark ✔️|ballot_box_with_check ☑️|x ❌|" +
  "heavy_multiplication_x ✖️|negative_squared_cross_mark ❎|warning ⚠️|no_entry ⛔|no_entry_sign 🚫|" +
  "octagonal_sign 🛑|rotating_light 🚨|construction 🚧|sos 🆘|new 🆕|up 🆙|cool 🆒|free 🆓|ok 🆗|question ❓|" +
  "grey_question ❔|exclamation ❗|grey_exclamation ❕|heavy_exclamation_mark ❗|bangbang ‼️|" +
  "information_source ℹ️|heavy_plus_sign ➕|heavy_minus_sign ➖|arrow_up ⬆️|arrow_down ⬇️|arrow_left ⬅️|" +
  "arrow_right ➡️|arrow_upper_right ↗️|arrow_lower_right ↘️|leftwards_arrow_with_hook ↩️|" +
  "arrow_right_hook ↪️|arrows_counterclockwise 🔄|repeat 🔁|fast_forward ⏩|rewind ⏪|double_vertical_bar ⏸️|" +
  "arrow_forward ▶️|black_square_for_stop ⏹️|small_red_triangle 🔺|small_red_triangle_down 🔻|" +
  "small_blue_diamond 🔹|small_orange_diamond 🔸|large_blue_diamond 🔷|large_orange_diamond 🔶|red_circle 🔴|" +
  "large_orange_circle 🟠|large_yellow_circle 🟡|large_green_circle 🟢|large_blue_circle 🔵|" +
  "large_purple_circle 🟣|white_circle ⚪|black_circle ⚫|large_red_square 🟥|large_orange_square 🟧|" +
  "large_yellow_square 🟨|large_green_square 🟩|large_blue_square 🟦|large_purple_square 🟪|" +
  "white_large_square ⬜|black_large_square ⬛|one 1️⃣|two 2️⃣|three 3️⃣|four 4️⃣|five 5️⃣|six 6️⃣|seven 7️⃣|" +
  "eight 8️⃣|nine 9️⃣|keycap_ten 🔟|shield 🛡️|crossed_swords ⚔️|crown 👑|ring 💍|puzzle_piece 🧩|jigsaw 🧩|" +
  "test_tube 🧪|microscope 🔬|telescope 🔭|compass 🧭|world_map 🗺️|recycle ♻️|infinity ♾️|bug 🐛|ant 🐜|bee 🐝|" +
  "unicorn_face 🦄|dog 🐶|cat 🐱|fox_face 🦊|owl 🦉|turtle 🐢|snail 🐌|whale 🐳|tractor 🚜|vertical_traffic_light 🚦|" +
  "traffic_light 🚥|ticket 🎫|admission_tickets 🎟️|movie_camera 🎥|clapper 🎬|camera 📷|frame_with_picture 🖼️|" +
  "tv 📺|film_frames 🎞️|movies 🎦|shushing_face 🤫|saluting_face 🫡|melting_face 🫠|man-shrugging 🤷‍♂️|" +
  "woman-shrugging 🤷‍♀️|shrug 🤷|facepalm 🤦|raising_hand 🙋|technologist 🧑‍💻|tandem_bicycle 🚲|bicyclist 🚴|" +
  "runner 🏃|footprints 👣|cherry_blossom 🌸|hatching_chick 🐣|egg 🥚|bread 🍞|hourglass_done ⌛|broom 🧹|" +
  "wastebasket 🗑️|safety_pin 🧷|thread 🧵|knot 🪢|ladder 🪜|hook 🪝|anchor ⚓|sailboat ⛵|crystal_ball 🔮|tophat 🎩|" +
  "briefcase 💼|necktie 👔|mortar_board 🎓|school 🏫|stadium 🏟️|rosette 🏵️|ribbon 🎀|reminder_ribbon 🎗️|wheel 🛞|" +
  "left_speech_bubble 🗨️|right_anger_bubble 🗯️";

/** @type {Map<string, string>} */
export const EMOJI = new Map(TABLE.split("|").map((entry) => /** @type {[string, string]} */ (entry.split(" "))));

const EMOJI_CHARACTER = /(?:\p{Regional_Indicator}{2}|[0-9#*]\ufe0f?\u20e3|(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\ufe0f)(?:\p{Emoji_Modifier})?(?:\u200d\p{Extended_Pictographic}\ufe0f?)*)/gu;
const SHORTCODE = /:([a-z0-9_+'-]+):(?::skin-tone-[2-6]:)?/g;

/**
 * The character of a short name, or undefined.
 * @param {string} name
 * @returns {string|undefined}
 */
export function emojiCharacter(name) {
  return EMOJI.get(name.replace(/::skin-tone-[2-6]$/, ""));
}

/**
 * One emoji, named for screen readers and pointers.
 * @param {string} character
 * @param {string} [name]
 * @returns {HTMLElement}
 */
export function emojiNode(character, name) {
  const node = document.createElement("span");
  node.className = "emoji";
  node.textContent = character;
  if (name) {
    node.title = `:${name}:`;
    node.setAttribute("role", "img");
    node.setAttribute("aria-label", name.replaceAll("_", " "));
  }
  return node;
}

/**
 * Text nodes of a string, with short names (unless told not to) and emoji characters set as emoji.
 * @param {string} text
 * @param {{shortcodes?: boolean}} [how]
 * @returns {Node[]}
 */
export function textNodes(text, { shortcodes = true } = {}) {
  const nodes = [];
  const plain = (part) => pushCharacters(nodes, part);
  if (!shortcodes) {
    plain(text);
    return nodes;
  }
  let at = 0;
  for (const match of text.matchAll(SHORTCODE)) {
    const character = EMOJI.get(match[1]);
    if (!character) continue;
    plain(text.slice(at, match.index));
    nodes.push(emojiNode(character, match[1]));
    at = match.index + match[0].length;
  }
  plain(text.slice(at));
  return nodes;
}

function pushCharacters(nodes, text) {
  let at = 0;
  for (const match of text.matchAll(EMOJI_CHARACTER)) {
    if (match.index > at) nodes.push(document.createTextNode(text.slice(at, match.index)));
    nodes.push(emojiNode(match[0]));
    at = match.index + match[0].length;
  }
  if (at < text.length) nodes.push(document.createTextNode(text.slice(at)));
}

/**
 * The plain words of a text with short names, for labels and titles.
 * @param {string} text
 * @returns {string}
 */
export function withEmoji(text) {
  return text.replace(SHORTCODE, (whole, name) => EMOJI.get(name) ?? whole);
}
