/** The operator's window. Its script is the page's own file, and all it talks to is the server it came from. */
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { takeToken } from "./session.ts";
import "./style.css";

takeToken();
const root = document.getElementById("root");
if (root !== null) createRoot(root).render(<App />);
