// The softphone at "/".

import { render } from "preact";
import { useState } from "preact/hooks";
import { type Login, logout } from "../../client/api.ts";
import { LoginForm } from "../shared/login.tsx";
import { PhoneView } from "./phone_view.tsx";
import { savedLogin, saveLogin } from "./session.ts";

function App() {
  const [login, setLogin] = useState(savedLogin);
  const change = (next: Login | undefined) => {
    saveLogin(next);
    setLogin(next);
  };
  if (!login) {
    return (
      <main class="narrow card">
        <h1>Strowger</h1>
        <LoginForm onLogin={change} />
        <p class="quiet">
          Something does not work? <a href="/check">Check this computer</a>.
        </p>
      </main>
    );
  }
  const signOut = () => {
    logout(login.token).catch(() => {}); // the phone has already said goodbye
    change(undefined);
  };
  return <PhoneView login={login} onLogin={change} onSignOut={signOut} />;
}

const root = document.getElementById("app");
if (root) render(<App />, root);
