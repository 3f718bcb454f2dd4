{{! SPDX-License-Identifier: MIT }}
{{! The ZIPs, coloured by classes of one column; grey without buildings. userNotes: the title and the subtitle of the map, a line each. }}
<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis version="3.22.0" styleCategories="Symbology|Labeling|Fields|Notes" labelsEnabled="1">
<renderer-v2 type="RuleRenderer" symbollevels="0" enableorderby="0" forceraster="0" referencescale="-1">
<rules key="{zips}">
<rule key="{heading}" label="{{heading}}">
{{#classes}}
<rule key="{class-{{number}}}" symbol="{{number}}" filter="{{filter}}" label="{{label}}"/>
{{/classes}}
{{#others}}
<rule key="{class-{{number}}}" symbol="{{number}}" filter="{{filter}}" label="{{label}}"/>
{{/others}}
</rule>
</rules>
<symbols>
{{#classes}}
{{> zip_symbol.xml}}
{{/classes}}
{{#others}}
{{> zip_symbol.xml}}
{{/others}}
</symbols>
</renderer-v2>
<labeling type="rule-based">
<rules key="{labels}">
{{#labels}}
<rule key="{{name}}" description="{{name}}" filter="{{filter}}"{{#scaled}} scalemindenom="1" scalemaxdenom="{{label_scale}}"{{/scaled}}>
  <settings calloutType="simple">
<text-style fieldName="zip" isExpression="0" fontSize="{{size}}" fontSizeUnit="Point" fontWeight="{{weight}}"
  textColor="{{text_color}}" textOpacity="1" multilineHeight="1">
  <text-buffer bufferDraw="1" bufferSize="0.8" bufferSizeUnits="MM" bufferColor="255,255,255,255"
    bufferOpacity="0.85" bufferNoFill="1" bufferJoinStyle="128"/>
  </text-style>
<placement placement="4" fitInPolygonOnly="{{is_inside}}" centroidInside="1" priority="5"
  polygonPlacementFlags="2"/>
<rendering drawLabels="1" obstacle="1" obstacleType="1" scaleVisibility="0" limitNumLabels="0"
  fontLimitPixelSize="0" mergeLines="0" labelPerPart="0" displayAll="0"/>
{{#priority}}
<dd_properties>
  <Option type="Map">
    <Option name="name" value="" type="QString"/>
    <Option name="properties" type="Map">
      <Option name="Priority" type="Map">
        <Option name="active" value="true" type="bool"/>
        <Option name="expression" value="{{expression}}" type="QString"/>
        <Option name="type" value="3" type="int"/>
      </Option>
    </Option>
    <Option name="type" value="collection" type="QString"/>
  </Option>
</dd_properties>
{{/priority}}
</settings>
  </rule>
{{/labels}}
</rules>
</labeling>
{{> fields.xml}}
<userNotes value="{{map_title}}&#10;{{map_subtitle}}"/>
<layerGeometryType>2</layerGeometryType>
</qgis>
