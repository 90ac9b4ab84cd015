"""The models as the help pages show them: each class with the types of its properties in the words of ASP.NET."""

from samsvar.miniature.operations import MODELS

WORDS = {
    "text": "string",
    "integer": "integer",
    "boolean": "boolean",
    "instant": "date",
    "uri": "URI",
}
OF = "Collection of "

COMPLEX: dict[str, dict[str, str]] = {
    "Message": {
        "SignatureSpec": "SignatureSpec",
        "ReplyOptions": "Collection of ReplyOption",
        "Attachments": "Collection of Attachment",
    },
    "ValidationResult": {
        "ValidationErrors": "Collection of ValidationMessage",
        "ValidationWarnings": "Collection of ValidationMessage",
    },
    "MyProfile": {"ContactInformation": "PersonalContactInformation"},
    "RoleDefinition": {
        "ParentRoleDefinitionIds": "Collection of integer",
        "ChildRoleDefinitionIds": "Collection of integer",
        "Rights": "Collection of Right",
    },
    "RightHolder": {
        "Roles": "Collection of Role",
        "Rights": "Collection of Right",
        "AppRights": "Collection of AppRight",
    },
    "RoleRequirement": {
        "ParentRoleDefinitionIds": "Collection of integer",
        "Operations": "Collection of ServiceOperation",
    },
    "ServiceMetaData": {
        "AttachmentRules": "Collection of AttachmentRule",
        "FormsMetaData": "Collection of FormMetaData",
        "ProcessSteps": "Collection of ProcessStep",
    },
    "CodeList": {"Codes": "Collection of Code"},
    "BrokerServiceReceipt": {"SubReceipts": "Collection of BrokerServiceReceipt"},
    "ConsentRequest": {
        "RequestResources": "Collection of ConsentResource",
        "RequestMessage": "Dictionary of string [key] and string [value]",
        "Errors": "Collection of RequestError",
    },
    "DelegationRequest": {
        "RequestResources": "Collection of DelegationResource",
        "Errors": "Collection of RequestError",
    },
    "ServiceOwnerOrganization": {"OfficialContacts": "Collection of OfficialContact"},
    "SubjectReporteeRights": {
        "Subject": "Reportee",
        "Reportee": "Reportee",
        "Rights": "Collection of Right",
        "AppRights": "Collection of AppRight",
    },
    "Consent": {"OfferedBy": "Reportee", "CoveredBy": "Reportee"},
    "SrrRight": {"rights": "Collection of RegisteredRight"},
    "OAuthServerMetadata": {"response_types_supported": "Collection of string"},
    "JsonWebKeySet": {"keys": "Collection of JsonWebKey"},
    "BrokerServiceFile": {"FileReference": "globally unique identifier"},
    "Reportee": {"PartyUUID": "globally unique identifier"},
}
"""Where a property is more than a simple value."""

INNER: dict[str, dict[str, str]] = {
    "SignatureSpec": {"FormIds": "Collection of integer", "AttachmentIds": "Collection of integer"},
    "ReplyOption": {
        "Type": "string",
        "URL": "string",
        "Text": "string",
        "ServiceCode": "string",
        "ServiceEditionCode": "integer",
    },
    "ValidationMessage": {"FieldName": "string", "ErrorMessage": "string", "FieldXPath": "string"},
    "PersonalContactInformation": {"Email": "string", "Mobile": "string", "RequestsEmailReceipts": "boolean"},
    "ServiceOperation": {
        "Name": "string",
        "LocalizedFriendlyName": "string",
        "AppliesTo": "Collection of OperationStep",
    },
    "OperationStep": {"SequenceNumber": "integer", "Name": "string", "SecurityLevel": "integer", "Type": "string"},
    "AttachmentRule": {
        "AttachmentRuleId": "integer",
        "AllowedFileTypes": "string",
        "AttachmentTypeName": "string",
        "AttachmentTypeNameLanguage": "string",
        "IsCheckSumAllowed": "boolean",
        "IsXsdValidationRequired": "boolean",
        "MaxAttachmentCount": "integer",
        "MaxFileSize": "integer",
        "MinAttachmentCount": "integer",
    },
    "FormMetaData": {
        "FormID": "integer",
        "FormName": "string",
        "DataFormatProviderType": "string",
        "DataFormatID": "string",
        "DataFormatVersion": "integer",
        "IsOnlyXsdValidation": "boolean",
        "FormType": "string",
    },
    "ProcessStep": {"SequenceNumber": "integer", "Name": "string", "SecurityLevel": "integer"},
    "Code": {"Code": "string", "Value1": "string", "Value2": "string", "Value3": "string"},
    "ConsentResource": {
        "ServiceCode": "string",
        "ServiceEditionCode": "integer",
        "Operations": "Collection of string",
        "Metadata": "Dictionary of string [key] and string [value]",
    },
    "DelegationResource": {
        "ServiceCode": "string",
        "ServiceEditionCode": "integer",
        "Operations": "Collection of string",
    },
    "RequestError": {"ErrorCode": "integer", "ErrorMessage": "string"},
    "RegisteredRight": {
        "id": "integer",
        "operationResult": "string",
        "reportee": "string",
        "right": "string",
        "validTo": "date",
        "conditions": "RightConditions",
    },
    "RightConditions": {
        "handledBy": "string",
        "isRecipient": "boolean",
        "isSender": "boolean",
        "keepSessionAlive": "boolean",
        "allowedRedirectDomain": "Collection of string",
    },
    "JsonWebKey": {
        "kty": "string",
        "e": "string",
        "use": "string",
        "kid": "string",
        "x5t": "string",
        "x5c": "Collection of string",
        "n": "string",
    },
}
"""The classes that only occur inside others."""


def _shown(model: str) -> dict[str, str]:
    complex_ = COMPLEX.get(model, {})
    return {name: complex_.get(name) or WORDS[kind] for name, kind in MODELS[model].items()}


CLASSES: dict[str, dict[str, str]] = {**{model: _shown(model) for model in MODELS}, **INNER}
"""Class -> property -> type as the pages write it."""
