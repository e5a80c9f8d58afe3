"""What form builders, CRMs and automations post, each in its own shape, and what of it is the lead."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

FORM = "application/x-www-form-urlencoded"
PARTS = (
    b'--B\r\nContent-Disposition: form-data; name="name"\r\n\r\nLee Wong\r\n'
    b'--B\r\nContent-Disposition: form-data; name="email"\r\n\r\nl@x.io\r\n'
    b'--B\r\nContent-Disposition: form-data; name="cv"; filename="a.pdf"\r\n\r\n%PDF\r\n--B--\r\n'
)

# Shapes of form builders, CRMs and automations, with the fields they send; values are ours.
SHAPES: dict[str, tuple[Any, str, dict[str, Any]]] = {
    "a form's name around the person": (
        {"name": "Contact form", "data": {"name": "Lee Wong", "email": "lee@x.example", "message": "Call me"}},
        "",
        {"name": "Lee Wong", "email": "lee@x.example", "asked": "Call me", "touches": ["Contact form"]},
    ),
    "a form's name is what was asked, where nothing else is": (
        {"name": "Demo request", "data": {"firstname": "Lee", "lastname": "Wong", "Email": "lee@x.example"}},
        "",
        {"name": "Lee Wong", "email": "lee@x.example", "asked": "Demo request"},
    ),
    "a form's name with a person who has none": (
        {"name": "Contact form", "data": {"email": "lee@x.example"}},
        "",
        {"name": "lee@x.example", "asked": "Contact form"},
    ),
    "full_name and long spellings": (
        {
            "full_name": "Lee",
            "email_address": "l@x",
            "company_name": "N",
            "mobile_phone": 15550000000,
            "jobTitle": "CTO",
        },
        "",
        {"name": "Lee", "email": "l@x", "company": "N", "phone": "15550000000", "job_title": "CTO"},
    ),
    "a work address before another": (
        {"Email": "lee@home.example", "Work E-mail*": "lee@x.example", "First Name": "Lee"},
        "",
        {"email": "lee@x.example", "name": "Lee"},
    ),
    "Contact Form 7": (
        {"your-name": "Lee", "your-email": "l@x", "your-subject": "Prices", "your-message": "How much?"},
        "",
        {"name": "Lee", "email": "l@x", "asked": "How much?"},
    ),
    "Webflow": (
        {
            "triggerType": "form_submission",
            "payload": {
                "name": "Contact Us",
                "siteId": "65",
                "data": {"First Name": "Lee", "email": "l@x.example", "Phone Number": 15550000000},
                "schema": [{"fieldName": "First Name", "fieldType": "FormTextInput", "fieldElementId": "u-1"}],
                "submittedAt": "2022-09-14T12:35:16.117Z",
                "id": "632",
                "formId": "65a",
            },
        },
        "",
        {"name": "Lee", "email": "l@x.example", "phone": "15550000000", "asked": "Contact Us", "external_id": None},
    ),
    "HubSpot's contact": (
        {
            "vid": 12,
            "portal-id": 3,
            "properties": {
                "email": {"value": "l@x.example", "versions": [{"value": "l@x.example", "timestamp": 1}]},
                "firstname": {"value": "Lee"},
                "company": {"value": "N"},
                "hubspotscore": {"value": "87.5"},
            },
            "form-submissions": [],
            "identity-profiles": [{"vid": 12, "identities": [{"type": "EMAIL", "value": "l@x.example"}]}],
        },
        "",
        {"name": "Lee", "email": "l@x.example", "company": "N", "score": 88, "external_id": "record:12"},
    ),
    "Tally": (
        {
            "eventId": "e-1",
            "eventType": "FORM_RESPONSE",
            "data": {
                "responseId": "r-1",
                "formId": "f-1",
                "formName": "Demo form",
                "fields": [
                    {"key": "question_1", "label": "Full name", "type": "INPUT_TEXT", "value": "Lee Wong"},
                    {
                        "key": "question_2",
                        "label": "Where do we write to?",
                        "type": "INPUT_EMAIL",
                        "value": "l@x.io",
                    },
                    {"key": "question_3", "label": "Budget", "type": "MULTIPLE_CHOICE", "value": ["a", "b"]},
                ],
            },
        },
        "",
        {"name": "Lee Wong", "email": "l@x.io", "asked": "Demo form", "external_id": "submission:r-1"},
    ),
    "Google's lead form": (
        {
            "lead_id": "abc",
            "user_column_data": [
                {"column_name": "Full Name", "string_value": "Lee Wong", "column_id": "FULL_NAME"},
                {"string_value": "l@x.io", "column_id": "EMAIL"},
                {"string_value": "Acme", "column_id": "COMPANY_NAME"},
            ],
            "form_id": 1,
            "google_key": "hush",
        },
        "",
        {"name": "Lee Wong", "email": "l@x.io", "company": "Acme", "external_id": "abc"},
    ),
    "Segment's identify": (
        {
            "type": "identify",
            "context": {
                "app": {"name": "SDK"},
                "traits": {"name": "Lee", "email": "l@x.io", "company": {"id": "1", "name": "Acme"}},
                "page": {"title": "Prices"},
            },
            "messageId": "m-1",
        },
        "",
        {"name": "Lee", "email": "l@x.io", "company": "Acme", "external_id": "event:m-1"},
    ),
    "fields by id with titles": (
        {"fields": {"short": {"title": "Name", "value": "Lee"}, "8-4-4": {"title": "E-mail", "value": "l@x.io"}}},
        "",
        {"name": "Lee", "email": "l@x.io"},
    ),
    "a submission within data": (
        {
            "type": "submission_created",
            "data": {
                "form": {"id": "01HX", "name": "Contact Form", "key": "contact-form"},
                "submission": {"id": "01HY", "fields": {"name": "Jane Doe", "email": "jane@x.example"}},
            },
        },
        "",
        {"name": "Jane Doe", "email": "jane@x.example", "asked": "Contact Form", "external_id": "01HY"},
    ),
    "answers by question": (
        {
            "data": {
                "form": {"id": "f", "title": "Contact"},
                "responses": {
                    "Name": {"blockId": "b1", "blockType": "SHORT_TEXT", "responses": ["Lee"]},
                    "Email": {"blockId": "b2", "blockType": "EMAIL", "responses": ["l@x.io"]},
                },
            }
        },
        "",
        {"name": "Lee", "email": "l@x.io", "asked": "Contact"},
    ),
    "names in parts, a company with an address of its own": (
        {
            "name": {"first": "Lee", "last": "Wong"},
            "email": "l@x",
            "id": 7,
            "company": {"name": "N", "email": "info@n"},
        },
        "",
        {"name": "Lee Wong", "email": "l@x", "company": "N", "external_id": "7"},
    ),
    "the sender's own people are not the lead": (
        {"first_name": "Lee", "owner": {"name": "Ana", "email": "ana@us.example"}, "email": "l@x"},
        "",
        {"name": "Lee", "email": "l@x"},
    ),
    "a list of answers": (
        [{"name": "email", "value": "l@x"}, {"name": "your-name", "value": "Lee"}],
        "",
        {"name": "Lee", "email": "l@x"},
    ),
    "a list of one": ([{"name": "Lee", "email": "l@x"}], "", {"name": "Lee", "email": "l@x"}),
    "a person with a value": (
        {"data": {"name": "Lee", "email": "l@x", "value": 100}},
        "",
        {"name": "Lee", "email": "l@x"},
    ),
    "Elementor's form": (
        urlencode(
            {
                "fields[name][id]": "name",
                "fields[name][title]": "Your name",
                "fields[name][value]": "Lee",
                "fields[email][title]": "E-mail",
                "fields[email][value]": "l@x.io",
                "meta[page_url][value]": "https://x.example",
                "form[name]": "Contact",
            }
        ).encode(),
        FORM,
        {"name": "Lee", "email": "l@x.io", "asked": "Contact"},
    ),
    "a plain form, with a field twice": (
        b"email=&email=l%40x.io&first_name=Lee&company=A%26B&touches%5B%5D=webinar&touches%5B%5D=e-book",
        FORM,
        {"name": "Lee", "email": "l@x.io", "company": "A&B", "touches": ["webinar", "e-book"]},
    ),
    "a form without its type": (b"email=l%40x.io&name=Lee", "", {"name": "Lee", "email": "l@x.io"}),
    "JSON as a form's type": (b'{"name": "Lee", "email": "l@x"}', FORM, {"name": "Lee", "email": "l@x"}),
    "JSON within a form, as Jotform's": (
        urlencode(
            {"formTitle": "Demo", "rawRequest": json.dumps({"q3_name": {"first": "Lee"}, "q4_email": "l@x"})}
        ).encode(),
        FORM,
        {"name": "Lee", "email": "l@x", "asked": "Demo"},
    ),
    "a form in parts": (
        PARTS,
        "multipart/form-data; boundary=B",
        {"name": "Lee Wong", "email": "l@x.io"},
    ),
    "JSON within JSON": (json.dumps(json.dumps({"name": "Lee"})).encode(), "", {"name": "Lee"}),
    "a CRM's person with lists": (
        {
            "person": {
                "firstName": "Lee",
                "lastName": "Wong",
                "emails": [{"value": "l@x.io", "isPrimary": True}],
                "phones": [{"value": "+1 555", "isPrimary": True}],
            },
            "source": "AI Widget",
            "note": "Call after five",
        },
        "",
        {"name": "Lee Wong", "email": "l@x.io", "phone": "+1 555", "asked": "Call after five"},
    ),
    "a CRM's list of one, with who changed it": (
        {
            "data": [{"id": "62", "Full_Name": "Lee Wong", "Email": "l@x.io", "Company": "N", "Lead_Score": 40}],
            "operation": "Leads.edit",
            "user": {"id": "1", "name": "Ana", "email": "ana@us.example"},
            "source": "web",
        },
        "",
        {"name": "Lee Wong", "email": "l@x.io", "company": "N", "score": 40, "external_id": "62"},
    ),
    "an automation's custom data": (
        {"customData": {"event-type": "ebooklead", "leadName": "Bob", "email": "b@x.io", "assignedTo": "Naomi"}},
        "",
        {"name": "Bob", "email": "b@x.io"},
    ),
    "a submission beside its form, with its data": (
        {
            "event": "submission.created",
            "form": {"id": "f-1", "title": "Contact Form", "slug": "contact-form"},
            "submission": {
                "id": "s-1",
                "data": {"name": "John", "email": "j@x.io", "message": "Hello"},
                "metadata": {"sessionId": "u", "referrer": "https://x.example"},
            },
        },
        "",
        {"name": "John", "email": "j@x.io", "asked": "Hello", "touches": ["Contact Form"], "external_id": "s-1"},
    ),
    "one answer as input": (
        {"eventId": "evt_1", "payload": {"type": "form.submitted", "input": {"name": "email", "value": "t@x.io"}}},
        "",
        {"name": "t@x.io", "email": "t@x.io", "external_id": "event:evt_1"},
    ),
    "a better spelling that says nothing of use": (
        {"fullname": False, "name": "Lee", "leadscore": "high", "score": 7},
        "",
        {"name": "Lee", "score": 7},
    ),
    "a key twice, the second empty": (b'{"email": "l@x", "name": "Lee", "email": ""}', "", {"email": "l@x"}),
}

ENCODINGS: dict[str, tuple[bytes, str]] = {
    "UTF-8 with a mark": (b"\xef\xbb\xbf" + '{"name": "Zoë"}'.encode(), ""),
    "UTF-16 with a mark": ('{"name": "Zoë"}'.encode("utf-16"), "application/json"),
    "UTF-16 without": ('{"name": "Zoë"}'.encode("utf-16-le"), "application/json"),
    "Latin-1, declared": ('{"name": "Zoë"}'.encode("latin-1"), "application/json; charset=ISO-8859-1"),
    "Windows-1252, undeclared": ('{"name": "Zoë"}'.encode("cp1252"), "application/json"),
    "UTF-8, declared as Latin-1": ('{"name": "Zoë"}'.encode(), "application/json; charset=latin-1"),
    "an encoding nobody knows": ('{"name": "Zoë"}'.encode(), "text/plain; charset=klingon"),
    "a type that is none": ('{"name": "Zoë"}'.encode(), ";;;=\u00ff"),
}
