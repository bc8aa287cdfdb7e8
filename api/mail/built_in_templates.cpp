// The texts as they are without a deployer's own.
#include "api/mail/templates.h"

namespace muster::mail {

std::map<std::string, std::string, std::less<>> built_in_templates() {
    return {
        {"layout.html", R"(<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body dir="auto" style="margin:0;padding:24px;background:#f4f4f2;font:16px/1.5 sans-serif;color:#222">
<div style="max-width:560px;margin:0 auto;padding:24px;background:#fff;border-radius:8px">
{{{content}}}
</div>
</body>
</html>
)"},
        {"invitation.txt", R"(Subject: You are invited to {{workspace}}

Hello{{#name}} {{name}}{{/name}},

{{#by}}{{by}} invites you to {{workspace}}.{{/by}}{{^by}}you are invited to {{workspace}}.{{/by}}

Follow this link to join:

{{link}}

It is good until {{until}}. If you did not expect this, there is nothing to do.
)"},
        {"invitation.html", R"(<p>Hello{{#name}} {{name}}{{/name}},</p>
{{#by}}
<p>{{by}} invites you to <strong>{{workspace}}</strong>.</p>
{{/by}}
{{^by}}
<p>you are invited to <strong>{{workspace}}</strong>.</p>
{{/by}}
<p><a href="{{link}}">Join {{workspace}}</a></p>
<p>The link is good until {{until}}. If you did not expect this, there is nothing to do.</p>)"},
        {"approved.txt", R"(Subject: Your request to join {{workspace}} was approved

Hello{{#name}} {{name}}{{/name}},

you asked for an invitation to {{workspace}}, and here it is. Follow this link to join:

{{link}}

It is good until {{until}}.
)"},
        {"approved.html", R"(<p>Hello{{#name}} {{name}}{{/name}},</p>
<p>you asked for an invitation to <strong>{{workspace}}</strong>, and here it is.</p>
<p><a href="{{link}}">Join {{workspace}}</a></p>
<p>The link is good until {{until}}.</p>)"},
        {"welcome.txt", R"(Subject: Welcome to {{workspace}}

Hello{{#name}} {{name}}{{/name}},

{{#by}}{{by}} added you to {{workspace}}.{{/by}}{{^by}}you were added to {{workspace}}.{{/by}}{{#link}}

Follow this link to choose a password:

{{link}}

It is good until {{until}}.{{/link}}{{#sign_in}}

You sign in at {{sign_in}} to the workspace {{slug}} with the address {{email}} and your password.{{/sign_in}}{{#sso}}

You sign in through your organization's identity provider.{{/sso}}
)"},
        {"welcome.html", R"(<p>Hello{{#name}} {{name}}{{/name}},</p>
{{#by}}
<p>{{by}} added you to <strong>{{workspace}}</strong>.</p>
{{/by}}
{{^by}}
<p>you were added to <strong>{{workspace}}</strong>.</p>
{{/by}}
{{#link}}
<p><a href="{{link}}">Choose a password</a></p>
<p>The link is good until {{until}}.</p>
{{/link}}
{{#sign_in}}
<p>You sign in at <a href="{{sign_in}}">{{sign_in}}</a> to the workspace <strong>{{slug}}</strong> with the address
{{email}} and your password.</p>
{{/sign_in}}
{{#sso}}
<p>You sign in through your organization's identity provider.</p>
{{/sso}})"},
        {"request.txt", R"(Subject: {{applicant}} asks to join {{workspace}}

{{applicant}} ({{email}}) asks for an invitation to {{workspace}}.{{#message}}

They write:

{{message}}{{/message}}

Approve or dismiss it here:

{{link}}
)"},
        {"request.html",
         R"(<p><strong>{{applicant}}</strong> ({{email}}) asks for an invitation to <strong>{{workspace}}</strong>.</p>
{{#message}}
<p>They write:</p>
<blockquote style="white-space:pre-line">{{message}}</blockquote>
{{/message}}
<p><a href="{{link}}">Approve or dismiss it</a></p>)"},
        {"password_reset.txt", R"(Subject: A new password for {{workspace}}

Hello{{#name}} {{name}}{{/name}},

somebody, most likely you, asked for a new password for {{workspace}}. Follow this link to choose one:

{{link}}

It is good until {{until}}. If it was not you, there is nothing to do: your password stays as it is.
)"},
        {"password_reset.html", R"(<p>Hello{{#name}} {{name}}{{/name}},</p>
<p>somebody, most likely you, asked for a new password for <strong>{{workspace}}</strong>.</p>
<p><a href="{{link}}">Choose a new password</a></p>
<p>The link is good until {{until}}. If it was not you, there is nothing to do: your password stays as it is.</p>)"},
        {"password_changed.txt", R"(Subject: Your password for {{workspace}} was changed

Hello{{#name}} {{name}}{{/name}},

{{#by}}{{by}} changed your password for {{workspace}}.{{/by}}{{^by}}your password for {{workspace}} was changed.{{/by}}

If you did not expect this, ask for a new one on the sign-in page and tell an admin of {{workspace}}.
)"},
        {"password_changed.html", R"(<p>Hello{{#name}} {{name}}{{/name}},</p>
{{#by}}
<p>{{by}} changed your password for <strong>{{workspace}}</strong>.</p>
{{/by}}
{{^by}}
<p>your password for <strong>{{workspace}}</strong> was changed.</p>
{{/by}}
<p>If you did not expect this, ask for a new one on the sign-in page and tell an admin of {{workspace}}.</p>)"},
    };
}

}  // namespace muster::mail
