{{! SPDX-License-Identifier: MIT }}
{{! The ZIPs, coloured by classes of one column, or in one colour where that has no values. }}
<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis version="3.22.0" styleCategories="Symbology|Labeling|Fields" labelsEnabled="1">
{{#graduated}}
<renderer-v2 type="graduatedSymbol" attr="{{attribute}}" symbollevels="0" enableorderby="0" forceraster="0"
  referencescale="-1" graduatedMethod="GraduatedColor">
<ranges>
{{#classes}}
<range lower="{{lower}}" upper="{{upper}}" symbol="{{number}}" render="true" label="{{label}}"/>
{{/classes}}
</ranges>
<symbols>
{{#classes}}
{{> zip_symbol.xml}}
{{/classes}}
</symbols>
<classificationMethod id="Custom"/>
</renderer-v2>
{{/graduated}}
{{#single}}
{{> single_symbol.xml}}
<symbols>
{{> zip_symbol.xml}}
</symbols>
</renderer-v2>
{{/single}}
<labeling type="simple">
  <settings calloutType="simple">
<text-style fieldName="zip" isExpression="0" fontSize="9" fontSizeUnit="Point" fontWeight="75"
  textColor="40,40,40,255" textOpacity="1" multilineHeight="1">
  <text-buffer bufferDraw="1" bufferSize="0.9" bufferSizeUnits="MM" bufferColor="255,255,255,255"
    bufferOpacity="0.85" bufferNoFill="1" bufferJoinStyle="128"/>
  </text-style>
<placement placement="4" fitInPolygonOnly="1" centroidInside="1" priority="5" polygonPlacementFlags="2"/>
<rendering drawLabels="1" obstacle="1" obstacleType="1" scaleVisibility="0" limitNumLabels="0"
  fontLimitPixelSize="0" mergeLines="0" labelPerPart="0" displayAll="0"/>
</settings>
  </labeling>
{{> fields.xml}}
<layerGeometryType>2</layerGeometryType>
</qgis>
