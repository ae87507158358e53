/* What every page has. Each part works on its own, and every page works without any of them. */
import { watchKeys } from "./keys.js";
import { watchMenus } from "./menus.js";
import { watchForms } from "./forms.js";
import { watchSwaps } from "./swaps.js";

watchKeys();
watchMenus();
watchForms();
watchSwaps();
